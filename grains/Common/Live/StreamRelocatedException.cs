namespace DeployCard.Common.Live;

/// <summary>
/// Thrown to the readers of a stream if its grain leaves this silo. The stream is not complete; the reader opens it again on the new silo.
/// </summary>
[GenerateSerializer, Alias("feed-moved")]
public sealed class StreamRelocatedException() : Exception("The grain was moved to another silo: open the stream again.");
