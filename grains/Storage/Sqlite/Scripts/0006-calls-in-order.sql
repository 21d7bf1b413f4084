-- Where the row of a call lies: GrainKeyHasher puts calls in the order of time from now on, and those that are there have to be found by it.
-- SQLite reads hexadecimal numbers only within JSON; the columns hold signed ones of 32 bits.

UPDATE OrleansStorage SET (GrainIdHash, GrainTypeHash) = (
  SELECT moment - (moment > 0x7fffffff) * 0x100000000, moment - (moment > 0x7fffffff) * 0x100000000
  FROM (SELECT json_extract('[0x' || substr(json_extract(CAST(PayloadBinary AS TEXT), '$.id'), 3, 8) || ']', '$[0]') AS moment))
WHERE GrainTypeString = 'asyncCall' AND json_extract(CAST(PayloadBinary AS TEXT), '$.id') IS NOT NULL;
