namespace DeployCard.Contracts.Monitoring;

/// <summary>
/// The data of one source for one minute so far. The counts are absolute, so a newer version of a part replaces the older one.
/// </summary>
/// <param name="Source">
/// Address of the silo, including the generation of its process. Empty for a closed minute, in which all sources are merged.
/// </param>
/// <param name="Version">Version of the part; increases with every part that the source reports.</param>
/// <param name="Bucket">The data of the minute.</param>
[GenerateSerializer, Alias("minute-part"), Immutable]
public sealed record MinutePart([property: Id(0)] string Source, [property: Id(1)] long Version, [property: Id(2)] MinuteBucket Bucket)
{
    /// <summary>Number of minutes in the past for which parts are accepted.</summary>
    public const int OpenMinutes = 15;
}
