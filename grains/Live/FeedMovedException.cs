namespace DeployCard.Grains.Live;

/// <summary>A stream broke off because its grain goes from this silo, not because there is nothing more to come: ask again.</summary>
[GenerateSerializer, Alias("feed-moved")]
public sealed class FeedMovedException() : Exception("The grain has left its silo: ask again.");
