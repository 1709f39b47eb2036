"""Benchmarks: ours and a peer, interleaved in one run.

Every row has ``name``, ``ours_s`` and ``peer_s`` (seconds), ``peer`` (what it is: another program,
a bar that an issue sets, or our own work on less), ``peak_mb``, and ``ratio = peer_s / ours_s``:
how many times faster than the peer. No number is NaN.
"""
