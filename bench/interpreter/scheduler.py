"""A simulated operating system, after Richards: objects, inheritance, dynamic dispatch, linked lists."""

EXPECTED = (2244, 901, 0)


class Packet:
    """What tasks send to each other."""

    def __init__(self, link, owner, kind):
        self.link = link
        self.owner = owner
        self.kind = kind
        self.datum = 0
        self.data = [0] * 4

    def append_to(self, queue):
        """Put at the end of a linked list; returns its head."""
        self.link = None
        if queue is None:
            return self
        last = queue
        while last.link is not None:
            last = last.link
        last.link = self
        return queue


class Task:
    """A task with a queue of packets."""

    def __init__(self, system, ident, priority, queue):
        self.system = system
        self.ident = ident
        self.priority = priority
        self.queue = queue
        self.waiting = queue is None
        self.held = False
        system.add(self)

    def step(self):
        """Take a packet and work on it; returns who is next."""
        packet = self.queue
        if packet is not None:
            self.queue = packet.link
        return self.work(packet)

    def work(self, packet):
        """What the task does."""
        raise NotImplementedError

    def accept(self, packet, sender):
        """Get a packet; returns who is next."""
        packet.owner, owner = sender.ident, packet.owner
        del owner
        was_empty = self.queue is None
        self.queue = packet.append_to(self.queue)
        if was_empty:
            self.waiting = False
            if self.priority > sender.priority:
                return self
        return sender


class Idle(Task):
    """Wakes the devices in a pseudo-random order."""

    seed, left = 1, 1000

    def work(self, packet):
        self.left -= 1
        if self.left == 0:
            return self.system.hold(self)
        if self.seed & 1 == 0:
            self.seed //= 2
            return self.system.release(5)
        self.seed = self.seed // 2 ^ 0xD008
        return self.system.release(6)


class Worker(Task):
    """Fills packets with letters."""

    target, letter = 3, 0

    def work(self, packet):
        if packet is None:
            return self.system.wait(self)
        self.target = 7 - self.target
        packet.owner = self.target
        packet.datum = 0
        for i in range(4):
            self.letter = self.letter % 26 + 1
            packet.data[i] = 64 + self.letter
        return self.system.send(packet, self)


class Handler(Task):
    """Gives work to devices."""

    works = devices = None

    def work(self, packet):
        if packet is not None:
            if packet.kind == "work":
                self.works = packet.append_to(self.works)
            else:
                self.devices = packet.append_to(self.devices)
        work = self.works
        if work is not None:
            if work.datum >= 4:
                self.works = work.link
                return self.system.send(work, self, 2)
            device = self.devices
            if device is not None:
                self.devices = device.link
                device.datum = work.data[work.datum]
                work.datum += 1
                return self.system.send(device, self, self.ident + 2)
        return self.system.wait(self)


class Device(Task):
    """Gives a packet back when it is released."""

    pending = None

    def work(self, packet):
        if packet is None:
            packet, self.pending = self.pending, None
            if packet is None:
                return self.system.wait(self)
            return self.system.send(packet, self, self.ident - 2)
        self.pending = packet
        return self.system.hold(self)


class System:
    """All tasks and the counters."""

    def __init__(self):
        self.tasks = {}
        self.order = []
        self.sent = self.holds = 0

    def add(self, task):
        """Note a task."""
        self.tasks[task.ident] = task
        self.order.append(task)
        self.order.sort(key=lambda each: -each.priority)

    def hold(self, task):
        """Stop a task until it is released."""
        self.holds += 1
        task.held = True

    def wait(self, task):
        """Stop a task until a packet comes."""
        task.waiting = True

    def release(self, ident):
        """Let a held task go on."""
        self.tasks[ident].held = False
        return self.tasks[ident]

    def send(self, packet, sender, to=None):
        """Send a packet; returns who is next."""
        self.sent += 1
        target = self.tasks[packet.owner if to is None else to]
        return target.accept(packet, sender)

    def run(self):
        """Run until nothing can run."""
        while True:
            for task in self.order:
                if not task.held and not (task.waiting and task.queue is None):
                    break
            else:
                return
            current = task
            while current is not None and not current.held:
                if current.waiting and current.queue is None and current.ident != 1:
                    pending = getattr(current, "pending", None)
                    if pending is None:
                        break
                current.waiting = False
                current = current.step()


def run():
    """Packets sent, holds, and tasks that could still run."""
    system = System()
    Idle(system, 1, 0, None).waiting = False
    queue = None
    for _ in range(2):
        queue = Packet(queue, 2, "work")
    Worker(system, 2, 1000, queue)
    for ident in (3, 4):
        queue = None
        for _ in range(3):
            queue = Packet(queue, ident + 2, "device")
        Handler(system, ident, 1000 + ident * 100, queue)
        Device(system, ident + 2, 4000 + ident * 100, None)
    system.run()
    return system.sent, system.holds, sum(not t.held and not t.waiting for t in system.order)
