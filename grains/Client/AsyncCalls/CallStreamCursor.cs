using DeployCard.Contracts.AsyncCalls;

namespace DeployCard.Client.AsyncCalls;

/// <summary>Tracks the calls that a subscriber received, so that the stream can resume without gaps after the queue moved.</summary>
internal sealed class CallStreamCursor(DateTimeOffset since)
{
    private readonly Dictionary<CallId, CallView> open = [];
    private DateTimeOffset newest = since;

    /// <summary>Records a call. Returns false if the subscriber already received the call in exactly this state.</summary>
    public bool TryAdvance(CallView call)
    {
        if (open.TryGetValue(call.Id, out var known) && known == call)
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
