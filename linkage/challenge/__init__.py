"""The matching track: many tasks in one schema, run unattended, with submissions and a leaderboard.

`task` says what a task folder is, `protocols` what is asked of it; `run` goes through a suite, each
task in a process of its own (`task_process`), and `leaderboard` collects what comes back.
"""

__all__: list[str] = []
