namespace DeployCard.Grains.AsyncCalls;

/// <summary>Bodies beside the state, each by the id of its call and its part.</summary>
public interface IBodyStore
{
    /// <summary>
    /// Stores a body as it comes, durably when it returns; an earlier one of the same id and part is replaced as a whole.
    /// Returns its length; more than <paramref name="most"/> bytes stores nothing and returns -1.
    /// </summary>
    Task<long> Write(CallId id, BodyPart part, Stream body, long most, CancellationToken cancellationToken);

    /// <summary>A body as a stream that reads on demand; null where there is none.</summary>
    Task<Stream?> Open(CallId id, BodyPart part, CancellationToken cancellationToken);

    /// <summary>Removes the bodies of a call; none is no error.</summary>
    Task Delete(CallId id, CancellationToken cancellationToken);

    /// <summary>Removes one body of a call; none is no error.</summary>
    Task Delete(CallId id, BodyPart part, CancellationToken cancellationToken);

    /// <summary>
    /// Removes bodies older than <paramref name="before"/> that no call names: what a silo left behind that ended between a body and its call.
    /// Returns how many.
    /// </summary>
    Task<int> DeleteOrphans(DateTimeOffset before, int most, CancellationToken cancellationToken);
}

/// <summary>
/// Which body of a call. Each attempt has an answer of its own, so that what a late one brings never takes the place of another one's.
/// </summary>
/// <param name="Name">As it is stored.</param>
public readonly record struct BodyPart(string Name)
{
    /// <summary>The body of the request.</summary>
    public static BodyPart Request { get; } = new("REQUEST");

    /// <summary>The body of what came of an attempt.</summary>
    /// <param name="attempt">Its number; 0 for those that were stored before attempts had bodies of their own.</param>
    public static BodyPart Result(int attempt) => new(attempt == 0 ? "RESULT" : $"RESULT-{attempt}");
}
