#!/usr/bin/env bash
# A load split over the tasks of a Slurm job array, and one merged record of it.
#
#   sbatch --array=1-8 docs/distributed-load/slurm.sh sqs.standard --rate 4000 --duration 5m --endpoint http://target:4566
#
# Each task runs its part of the plan and writes results/slurm-<job>/part-<task>. When all have ended:
#
#   proofmark results merge results/slurm-<job>/whole results/slurm-<job>/part-*
#
#SBATCH --job-name=proofmark-load
#SBATCH --cpus-per-task=1
#SBATCH --output=proofmark-%A-%a.log
set -euo pipefail
out="results/slurm-${SLURM_ARRAY_JOB_ID}/part-${SLURM_ARRAY_TASK_ID}"
exec proofmark load "$@" --part auto --seed 1 --out "$out"
