using DeployCard.Grains.Live;

namespace DeployCard.Grains.AsyncCalls;

/// <summary>Tracks the calls that a subscriber received, so that the stream can resume without gaps after the queue moved.</summary>
internal sealed class CallStreamCursor(DateTimeOffset since)
{
    private readonly Dictionary<CallId, CallView> open = [];
    private DateTimeOffset newest = since;

    /// <summary>Records a call. Returns false if the subscriber already received the call in exactly this state.</summary>
    public bool TryAdvance(CallView call)
    {
        if (open.TryGetValue(call.Id, out var known) && ResumableStream.HaveSameContent(known, call))
            return false;
        if (call.CreatedAt > newest)
            newest = call.CreatedAt;
        if (call.HasEnded)
            open.Remove(call.Id);
        else
            open[call.Id] = call;
        if (open.Count > CallResumePoint.MaxCalls)
            open.Remove(open.Keys.MinBy(id => id.Value, StringComparer.Ordinal));
        return true;
    }

    public CallResumePoint ToResumePoint() => new(newest, [.. open.Keys], 0);
}

/// <summary>The calls that a queue returns when a stream starts or resumes.</summary>
/// <param name="AcceptedSince">The subscriber may have missed calls that were accepted at or after this time, UTC.</param>
/// <param name="OpenIds">The newest calls that were open when the subscriber last received them, at most <see cref="MaxCalls"/>.</param>
/// <param name="NewestCount">Number of newest calls to return, ended or not: 0 to <see cref="MaxCalls"/>.</param>
[GenerateSerializer, Alias("call-gap"), Immutable]
public sealed record CallResumePoint(
    [property: Id(0)] DateTimeOffset AcceptedSince,
    [property: Id(1)] IReadOnlyList<CallId> OpenIds,
    [property: Id(2)] int NewestCount
)
{
    /// <summary>Maximum number of calls of each kind. A subscriber that missed more must read the list again.</summary>
    public const int MaxCalls = 200;
}
