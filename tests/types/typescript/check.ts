/** The question that the type tests ask: `same<A, B>(true)` compiles only if the types are the same. */

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

export declare function same<A, B>(answer: Equal<A, B>): void;
