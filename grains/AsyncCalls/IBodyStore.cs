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

    /// <summary>
    /// Removes bodies older than <paramref name="before"/> that no call names: what a silo left behind that ended between a body and its call.
    /// Returns how many.
    /// </summary>
    Task<int> DeleteOrphans(DateTimeOffset before, int most, CancellationToken cancellationToken);
}

/// <summary>Which body of a call.</summary>
public enum BodyPart
{
    /// <summary>The body of the request.</summary>
    Request,

    /// <summary>The body of the model's answer.</summary>
    Result,
}
