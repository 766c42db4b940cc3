"""Kinds of fuzzed cases: each makes an input, gives it to the engine, and judges what came."""
