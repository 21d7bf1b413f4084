namespace DeployCard.Grains.Callbacks;

/// <summary>What is stored of the telling of a call's end.</summary>
public sealed class CallbackState
{
    /// <summary>How many deliveries are remembered, the latest ones.</summary>
    public const int MostDeliveries = 20;

    /// <summary>Where it is told.</summary>
    public required Uri Url { get; set; }

    /// <summary>How often the call has ended: once, and once more each time that it was run again.</summary>
    public int Ending { get; set; }

    /// <summary>How many deliveries of the last ending were made by themselves.</summary>
    public int Tried { get; set; }

    /// <summary>How many deliveries there were at all.</summary>
    public int Sent { get; set; }

    /// <summary>When a delivery is due, UTC. While one goes on it is the end of its lease: later than that nobody works on it any more.</summary>
    public DateTimeOffset? NextAt { get; set; }

    /// <summary>When the receiver took the last ending, UTC.</summary>
    public DateTimeOffset? DeliveredAt { get; set; }

    /// <summary>When it was given up to tell the last ending, UTC.</summary>
    public DateTimeOffset? GaveUpAt { get; set; }

    /// <summary>The latest deliveries, oldest first.</summary>
    public List<CallbackDelivery> Deliveries { get; set; } = [];

    /// <summary>The call has ended: that is to be told, and whoever does so has the time until <paramref name="lease"/>.</summary>
    internal void Begin(DateTimeOffset lease)
    {
        Rest();
        (Ending, Tried, NextAt) = (Ending + 1, 0, lease);
    }

    /// <summary>The call is run again: its next end will be told.</summary>
    internal void Rest() => (NextAt, DeliveredAt, GaveUpAt) = (null, null, null);

    /// <summary>Takes what came of a delivery by itself of the last ending.</summary>
    /// <param name="made">The delivery.</param>
    /// <param name="now">UTC.</param>
    /// <param name="deadline">When it is tried for the last time, UTC.</param>
    /// <param name="random">0 to 1, spreads what failed together.</param>
    internal void Take(CallbackTry made, DateTimeOffset now, DateTimeOffset deadline, double random)
    {
        if (made.Answer.WasTried)
            Tried++;
        var next = CallbackSchedule.After(Tried, made.Answer, now, deadline, random);
        if (made.Answer.WasTried || next.NextAt is null)
            Add(made, isManual: false);
        // A person may have been faster.
        if (DeliveredAt is not null)
            return;
        NextAt = next.NextAt;
        if (next.IsDelivered)
            DeliveredAt = now;
        else if (NextAt is null)
            GaveUpAt = now;
    }

    /// <summary>Takes what came of a delivery of the last ending that a person asked for: it can only do good.</summary>
    internal void TakeManual(CallbackTry made, DateTimeOffset now)
    {
        Add(made, isManual: true);
        if (made.Answer is { WasTried: true, Error: null })
            (DeliveredAt, NextAt, GaveUpAt) = (DeliveredAt ?? now, null, null);
    }

    /// <summary>Remembers a delivery that changes nothing any more.</summary>
    internal void Add(CallbackTry made, bool isManual)
    {
        var (at, duration, answer) = made;
        Deliveries.Add(new(++Sent, at, duration, answer.StatusCode, answer.Error, answer.Excerpt, isManual));
        if (Deliveries.Count > MostDeliveries)
            Deliveries.RemoveRange(0, Deliveries.Count - MostDeliveries);
    }

    internal CallbackView View() => new(Url, DeliveredAt, NextAt, GaveUpAt, [.. Deliveries]);
}
