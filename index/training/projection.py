"""The projection of raw descriptions, from pairs of the same place: projection.py WORK OUT."""
import sys

import numpy as np
import scipy.linalg

RAW, DIMENSIONS = 128, 40
work, out = sys.argv[1:3]
rows = np.fromfile(f"{work}/raw.f32", dtype="<f4").reshape(-1, 5 + RAW)
picture, place, raw = rows[:, 0].astype(int), rows[:, 1:5], rows[:, 5:]
maps = np.load(f"{work}/maps.npy")
start = np.searchsorted(picture, np.arange(len(maps) + 1))

left, right = [], []
for first in range(0, len(maps), 3):
    a = place[start[first] : start[first + 1]]
    for copy in (first + 1, first + 2):
        b = place[start[copy] : start[copy + 1]]
        if not len(a) or not len(b):
            continue
        turn = maps[copy][:, :2]
        at = a[:, :2] @ turn.T + maps[copy][:, 2]
        size = a[:, 2] * np.sqrt(abs(np.linalg.det(turn)))
        way = np.stack([np.cos(a[:, 3]), np.sin(a[:, 3])], 1) @ turn.T
        angle = np.arctan2(way[:, 1], way[:, 0])
        far = np.hypot(at[:, None, 0] - b[None, :, 0], at[:, None, 1] - b[None, :, 1]) / size[:, None]
        larger = np.abs(np.log2(size[:, None] / b[None, :, 2]))
        turned = np.abs((angle[:, None] - b[None, :, 3] + np.pi) % (2 * np.pi) - np.pi)
        cost = np.where((far < 0.5) & (larger < 0.35) & (turned < 0.3), far + larger + turned, 9)
        nearest = cost.argmin(1)
        good = cost[np.arange(len(nearest)), nearest] < 9
        left.append(np.nonzero(good)[0] + start[first])
        right.append(nearest[good] + start[copy])
left, right = np.concatenate(left), np.concatenate(right)

number = np.arange(RAW)
odd = (number // 8 % 4 % 2 == 1) != np.isin(number % 8, [2, 4, 6])
mean = raw.mean(0)
mean[odd] = 0  # mirrored pictures are as likely as others
centred = raw[::7] - mean
between = centred.T @ centred / len(centred)
apart = raw[left] - raw[right]
within = apart.T @ apart / len(apart) / 2
within += np.eye(RAW) * within.trace() / RAW * 0.02
found = []
for kind in (odd, ~odd):
    block = np.ix_(kind, kind)
    values, vectors = scipy.linalg.eigh(between[block], within[block])
    for value, vector in zip(values, vectors.T):
        row = np.zeros(RAW)
        row[kind] = vector
        found.append((value, row))
found.sort(key=lambda pair: -pair[0])
print(len(left), "pairs; ratios", [round(float(v), 1) for v, _ in found[:DIMENSIONS]])
np.concatenate([mean[None], [row for _, row in found[:DIMENSIONS]]]).astype("<f4").tofile(out)
