"""N-body: floating point arithmetic on attributes of few objects in nested loops."""

EXPECTED = "-0.169087605"


class Body:
    """A planet or the sun."""

    def __init__(self, position, velocity, mass):
        self.x, self.y, self.z = position
        self.vx, self.vy, self.vz = velocity
        self.mass = mass


SUN = 4 * 3.141592653589793**2
YEAR = 365.24


def system():
    """The sun and four planets."""
    rows = [
        ((0, 0, 0), (0, 0, 0), 1),
        (
            (4.84143144246472090, -1.16032004402742839, -0.103622044471123109),
            (0.00166007664274403694, 0.00769901118419740425, -0.0000690460016972063023),
            0.000954791938424326609,
        ),
        (
            (8.34336671824457987, 4.12479856412430479, -0.403523417114321381),
            (-0.00276742510726411899, 0.00499852801234917238, 0.0000230417297573763929),
            0.000285885980666130812,
        ),
        (
            (12.8943695621391310, -15.1111514016986312, -0.223307578892655734),
            (0.00296460137564761618, 0.00237847173959480950, -0.0000296589568540237556),
            0.0000436624404335156298,
        ),
        (
            (15.3796971148509165, -25.9193146099879641, 0.179258772950371181),
            (0.00268067772490389322, 0.00162824170038242295, -0.0000951592254519715870),
            0.0000515138902046611451,
        ),
    ]
    bodies = [Body(p, [v * YEAR for v in velocity], mass * SUN) for p, velocity, mass in rows]
    sun = bodies[0]
    sun.vx = -sum(b.vx * b.mass for b in bodies) / SUN
    sun.vy = -sum(b.vy * b.mass for b in bodies) / SUN
    sun.vz = -sum(b.vz * b.mass for b in bodies) / SUN
    return bodies


def advance(pairs, bodies, dt, steps):
    """Move the bodies."""
    for _ in range(steps):
        for a, b in pairs:
            dx, dy, dz = a.x - b.x, a.y - b.y, a.z - b.z
            strength = dt * (dx * dx + dy * dy + dz * dz) ** -1.5
            from_b, from_a = b.mass * strength, a.mass * strength
            a.vx -= dx * from_b
            a.vy -= dy * from_b
            a.vz -= dz * from_b
            b.vx += dx * from_a
            b.vy += dy * from_a
            b.vz += dz * from_a
        for body in bodies:
            body.x += dt * body.vx
            body.y += dt * body.vy
            body.z += dt * body.vz


def energy(pairs, bodies):
    """The energy of the system, which the moves should keep."""
    total = sum(b.mass * (b.vx**2 + b.vy**2 + b.vz**2) / 2 for b in bodies)
    for a, b in pairs:
        distance = ((a.x - b.x) ** 2 + (a.y - b.y) ** 2 + (a.z - b.z) ** 2) ** 0.5
        total -= a.mass * b.mass / distance
    return total


def run():
    """Energy after 1000 steps."""
    bodies = system()
    pairs = [(a, b) for i, a in enumerate(bodies) for b in bodies[i + 1 :]]
    advance(pairs, bodies, 0.01, 1000)
    return f"{energy(pairs, bodies):.9f}"
