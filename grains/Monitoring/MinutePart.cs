namespace DeployCard.Grains.Monitoring;

/// <summary>What one source saw of a minute so far, in absolute numbers: a part that comes again, or late, takes the place of its earlier self.</summary>
/// <param name="Source">The silo, with the generation of its process; empty for a minute that is closed, in which all are merged.</param>
/// <param name="Version">Grows with each part of the source.</param>
/// <param name="Bucket">What it saw.</param>
[GenerateSerializer, Alias("minute-part"), Immutable]
public sealed record MinutePart([property: Id(0)] string Source, [property: Id(1)] long Version, [property: Id(2)] MinuteBucket Bucket);
