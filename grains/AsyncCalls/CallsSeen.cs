using DeployCard.Grains.Live;

namespace DeployCard.Grains.AsyncCalls;

/// <summary>What a reader of a deployment's calls was told, as far as it is needed to tell it what it missed.</summary>
internal sealed class CallsSeen(DateTimeOffset since)
{
    private readonly Dictionary<CallId, CallView> open = [];
    private DateTimeOffset newest = since;

    /// <summary>Notes what comes; false when the reader knows just that already.</summary>
    public bool Take(CallView call)
    {
        if (open.TryGetValue(call.Id, out var known) && ResumedFeed.AreSame(known, call))
            return false;
        if (call.CreatedAt > newest)
            newest = call.CreatedAt;
        if (call.HasEnded)
            open.Remove(call.Id);
        else
            open[call.Id] = call;
        if (open.Count > CallGap.Most)
            open.Remove(open.Keys.MinBy(id => id.Value, StringComparer.Ordinal));
        return true;
    }

    public CallGap Gap() => new(newest, [.. open.Keys], 0);
}

/// <summary>What a reader does not know: at its beginning, and of what it may have missed while the queue moved.</summary>
/// <param name="From">It may know no call that was accepted since then, UTC.</param>
/// <param name="Open">Calls that had not ended when it last heard of them; the newest, at most <see cref="Most"/>.</param>
/// <param name="Newest">So many of the newest calls it wants to know, ended or not; 0 to <see cref="Most"/>.</param>
[GenerateSerializer, Alias("call-gap"), Immutable]
public sealed record CallGap(
    [property: Id(0)] DateTimeOffset From,
    [property: Id(1)] IReadOnlyList<CallId> Open,
    [property: Id(2)] int Newest
)
{
    /// <summary>So many of each are looked after: more is a list to be read anew, not a stream.</summary>
    public const int Most = 200;
}
