namespace DeployCard.Contracts.AsyncCalls;

/// <summary>Stores large request and response bodies outside the state of a call, keyed by call id and part.</summary>
public interface IBodyStore
{
    /// <summary>
    /// Stores a body while reading it from a stream. The body is durable when this method returns, and replaces an earlier body with the
    /// same id and part as a whole. Returns its length in bytes. If the body is longer than <paramref name="maxBytes"/> bytes, nothing is
    /// stored and -1 is returned.
    /// </summary>
    Task<long> Write(CallId id, BodyPart part, Stream body, long maxBytes, CancellationToken cancellationToken);

    /// <summary>Returns a body as a seekable stream that reads chunks on demand; null if the body is not stored.</summary>
    Task<Stream?> Open(CallId id, BodyPart part, CancellationToken cancellationToken);

    /// <summary>Deletes all bodies of a call; succeeds if the call has no bodies.</summary>
    Task Delete(CallId id, CancellationToken cancellationToken);

    /// <summary>Deletes one body of a call; succeeds if it does not exist.</summary>
    Task Delete(CallId id, BodyPart part, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes at most <paramref name="limit"/> bodies that were created before <paramref name="createdBefore"/> and are incomplete or
    /// belong to no stored call, for example because a silo stopped between storing the body and its call. Returns the number of deleted
    /// bodies.
    /// </summary>
    Task<int> DeleteOrphans(DateTimeOffset createdBefore, int limit, CancellationToken cancellationToken);
}

/// <summary>
/// Identifies a body of a call. Each attempt has its own response body, so a late response never replaces the body of another attempt.
/// </summary>
/// <param name="Name">Name of the part in storage.</param>
public readonly record struct BodyPart(string Name)
{
    /// <summary>The request body of a call.</summary>
    public static BodyPart Request { get; } = new("REQUEST");

    /// <summary>Returns the part of the response body that an attempt got.</summary>
    /// <param name="attempt">Number of the attempt; 0 for response bodies of earlier versions, which stored one per call.</param>
    public static BodyPart Result(int attempt) => new(attempt == 0 ? "RESULT" : $"RESULT-{attempt}");
}
