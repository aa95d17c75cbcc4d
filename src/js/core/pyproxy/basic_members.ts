/** Members that every PyProxy has, and those that come with one simple capability each. */
import { type PyFlag } from "../abi.gen";
import { ProxyKind } from "../runtime";
import { Ended, Lifetime } from "./lifetime";
import {
  containsItem,
  deleteItem,
  getAttributeProxy,
  getItem,
  getItemProxy,
  lengthOf,
  pythonName,
  setItem,
  textOf,
  typeName,
} from "./operations";
import { stateOfThis } from "./state";
