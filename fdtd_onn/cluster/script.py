"""The script that a job executes: the site's settings, then the driver. All that came from a user is quoted."""

from __future__ import annotations

import shlex

from fdtd_onn.cluster.campaign import Campaign, Job

# Where schedulers put a job's number in its array.
_INDEX = "${SLURM_ARRAY_TASK_ID:-${PBS_ARRAY_INDEX:-${PBS_ARRAYID:-0}}}"


def script_of(campaign: Campaign, job: Job) -> str:
    """The text of a job's script, for bash."""
    plan, site = campaign.plan, campaign.plan.site
    index = f'"{_INDEX}"' if job.array else "0"
    drive = [plan.python, "-m", "fdtd_onn.cluster.drive", str(campaign.folder), str(job.number)]
    lines = [
        "#!/bin/bash",
        f"exec >>{shlex.quote(str(campaign.log_of(job)))} 2>&1",
        f"cd -- {shlex.quote(plan.cwd)} || exit 1",
    ]
    lines += [f"module load {shlex.quote(module)} || exit 1" for module in site.modules]
    lines += [f"export {name}={shlex.quote(value)}" for name, value in _environment(campaign, job).items()]
    return "\n".join([*lines, f"exec {shlex.join(drive)} {index}", ""])


def _environment(campaign: Campaign, job: Job) -> dict[str, str]:
    site = campaign.plan.site
    # Ranks take a core each; what follows the runs is one process, whose libraries may use the cores it has.
    threads = 1 if any(job.tasks) else job.cores
    temporary = {} if site.scratch is None else {"TMPDIR": site.scratch}
    return {"OMP_NUM_THREADS": str(threads), "FDTD_ONN_STORE": campaign.plan.store} | temporary | site.environment
