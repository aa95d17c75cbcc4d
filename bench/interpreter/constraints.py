"""One-way constraints kept true, after DeltaBlue: objects, methods, properties, lists of objects, sorting by key."""

EXPECTED = (1196, 1995, 0)


class Variable:
    """A number that at most one constraint computes."""

    __slots__ = ("depth", "source", "users", "value")

    def __init__(self, value):
        self.value = value
        self.source = None
        self.users = []
        self.depth = 0

    @property
    def is_free(self):
        """Whether nothing computes it."""
        return self.source is None


class Constraint:
    """Computes `output` from `inputs`."""

    def __init__(self, output, *inputs):
        self.output = output
        self.inputs = inputs
        output.source = self
        for variable in inputs:
            variable.users.append(self)

    def compute(self):
        """The value of the output."""
        raise NotImplementedError

    def update(self):
        """Make the constraint true; returns whether its output has changed."""
        output = self.output
        output.depth = 1 + max(v.depth for v in self.inputs)
        value = self.compute()
        changed = value != output.value
        output.value = value
        return changed


class Equal(Constraint):
    """output = input"""

    def compute(self):
        return self.inputs[0].value


class Scaled(Constraint):
    """output = input * scale + offset"""

    def compute(self):
        source, scale, offset = self.inputs
        return source.value * scale.value + offset.value


class Plan:
    """The constraints that follow from a variable, in the order in which they can be computed."""

    def __init__(self, start):
        self.steps = []
        seen = set()
        waiting = [start]
        while waiting:
            for constraint in waiting.pop().users:
                if id(constraint) not in seen:
                    seen.add(id(constraint))
                    self.steps.append(constraint)
                    waiting.append(constraint.output)
        self.steps.sort(key=lambda constraint: constraint.output.depth)

    def execute(self):
        """Make all constraints true; returns how many outputs have changed."""
        return sum(constraint.update() for constraint in self.steps)


def chain(length):
    """A line of equal variables."""
    variables = [Variable(0) for _ in range(length)]
    for before, after in zip(variables, variables[1:], strict=False):
        Equal(after, before).update()
    return variables


def projection(length):
    """Variables scaled to others, which depend on each other in turn."""
    scale, offset = Variable(10), Variable(1000)
    pairs = [(Variable(i), Variable(0)) for i in range(length)]
    for source, target in pairs:
        Scaled(target, source, scale, offset).update()
    return scale, offset, pairs


def run():
    """Values that have changed, by part of the program."""
    line = chain(300)
    plan = Plan(line[0])
    changes = 0
    for value in range(1, 5):
        line[0].value = value
        changes += plan.execute()
    assert line[-1].value == 4 and line[0].is_free and not line[1].is_free
    scale, offset, pairs = projection(200)
    moved = 0
    for step in range(5):
        scale.value += 1
        moved += Plan(scale).execute()
        offset.value += 1 + step
        moved += Plan(offset).execute()
    return changes, moved, sum(target.value % 3 == 0 for _, target in pairs)
