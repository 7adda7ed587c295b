-- Whether listings are held against a reference photo: 'auto' as the program
-- finds, 'always', or 'never' (a size chart, a logo).
ALTER TABLE reference_photos ADD COLUMN matching TEXT NOT NULL DEFAULT 'auto';
