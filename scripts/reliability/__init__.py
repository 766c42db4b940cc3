"""Campaigns that look for broken promises: fuzzing, kills, changes that should move nothing."""
