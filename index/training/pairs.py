"""Edited copies of photos, and how each was made: pairs.py PHOTOS WORK [count]."""
import glob
import os
import random
import sys

import cv2
import numpy as np

photos, work = sys.argv[1:3]
count = int(sys.argv[3]) if len(sys.argv) > 3 else 700
os.makedirs(work, exist_ok=True)
r = random.Random(5)
files = sorted(glob.glob(f"{photos}/**/*.jpg", recursive=True))
r.shuffle(files)
names, maps = [], []


def keep(name, pixels, quality, how):
    path = f"{work}/{name}.jpg"
    cv2.imwrite(path, pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    names.append(path)
    maps.append(how)


for i, file in enumerate(files[:count]):
    photo = cv2.imread(file)
    shrink = 512 / max(photo.shape[:2])
    if shrink < 1:
        photo = cv2.resize(photo, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    h, w = photo.shape[:2]
    keep(f"{i}_0", photo, 90, np.eye(2, 3))
    for k in (1, 2):
        angle = r.choice([0, 0, 0, r.uniform(-20, 20), r.uniform(-180, 180)])
        scale = r.choice([1, r.uniform(0.4, 1), r.uniform(0.4, 1.1)])
        shear = r.uniform(-0.08, 0.08)
        turn = np.vstack([cv2.getRotationMatrix2D((w / 2, h / 2), angle, scale), [0, 0, 1]])
        skew = np.array([[1, shear, -shear * h / 2], [0, r.uniform(0.92, 1.08), 0], [0, 0, 1]])
        how = (turn @ skew)[:2]
        soft = photo
        if scale <= 0.95:
            soft = cv2.GaussianBlur(photo, (0, 0), 0.02 + 0.45 * (1 / scale - 1))
        copy = cv2.warpAffine(soft, how, (w, h), borderValue=(255, 255, 255))
        light = 255 * (copy / 255.0) ** r.uniform(0.7, 1.4) * r.uniform(0.7, 1.2) + r.uniform(-15, 15)
        copy = light.clip(0, 255).astype(np.uint8)
        if r.random() < 0.3:
            copy = cv2.GaussianBlur(copy, (0, 0), r.uniform(0.5, 1.5))
        keep(f"{i}_{k}", copy, r.choice([25, 40, 60, 85]), how)
with open(f"{work}/list.txt", "w") as out:
    out.write("\n".join(names))
np.save(f"{work}/maps.npy", np.array(maps))
