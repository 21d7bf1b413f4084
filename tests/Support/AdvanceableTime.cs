namespace DeployCard.Tests.Support;

/// <summary>
/// A time provider that follows real time and jumps forward when a test advances it. Timers that become due by a jump fire immediately.
/// Silos cannot use a clock that stops between the steps of a test, because their membership uses the same clock. Elapsed time is real
/// time.
/// </summary>
public sealed class AdvanceableTime(DateTimeOffset begin) : TimeProvider
{
    private const uint MaxMilliseconds = uint.MaxValue - 1;

    private readonly Lock sync = new();
    private readonly HashSet<Timer> timers = [];
    private readonly TimeSpan shift = begin - System.GetUtcNow();
    private TimeSpan skipped;

    public override DateTimeOffset GetUtcNow()
    {
        lock (sync)
            return System.GetUtcNow() + shift + skipped;
    }

    /// <summary>Number of timers that are not disposed.</summary>
    public int TimerCount
    {
        get
        {
            lock (sync)
                return timers.Count;
        }
    }

    /// <summary>Jumps forward by <paramref name="time"/>.</summary>
    public void Advance(TimeSpan time)
    {
        Timer[] all;
        lock (sync)
        {
            skipped += time;
            all = [.. timers];
        }

        foreach (var timer in all)
            timer.Reschedule();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        lock (sync)
            timers.Add(timer);
        timer.Change(dueTime, period);
        return timer;
    }

    private void RemoveTimer(Timer timer)
    {
        lock (sync)
            timers.Remove(timer);
    }

    private sealed class Timer : ITimer
    {
        private readonly AdvanceableTime owner;
        private readonly TimerCallback callback;
        private readonly object? state;
        private readonly ITimer real;
        private readonly Lock sync = new();
        private DateTimeOffset? due;
        private TimeSpan period;

        public Timer(AdvanceableTime owner, TimerCallback callback, object? state)
        {
            (this.owner, this.callback, this.state) = (owner, callback, state);
            real = System.CreateTimer(_ => Fire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            // The limit of real timers: otherwise a test would accept a delay that fails in a silo.
            ArgumentOutOfRangeException.ThrowIfGreaterThan(dueTime.TotalMilliseconds, MaxMilliseconds, nameof(dueTime));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(period.TotalMilliseconds, MaxMilliseconds, nameof(period));
            lock (sync)
            {
                due = dueTime == Timeout.InfiniteTimeSpan ? null : owner.GetUtcNow() + dueTime;
                this.period = period;
            }

            return Reschedule();
        }

        /// <summary>Sets the real timer to the remaining time.</summary>
        public bool Reschedule()
        {
            lock (sync)
            {
                if (due is not { } at)
                    return real.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                var remaining = at - owner.GetUtcNow();
                return real.Change(remaining < TimeSpan.Zero ? TimeSpan.Zero : remaining, Timeout.InfiniteTimeSpan);
            }
        }

        public void Dispose()
        {
            owner.RemoveTimer(this);
            real.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            owner.RemoveTimer(this);
            return real.DisposeAsync();
        }

        private void Fire()
        {
            lock (sync)
            {
                if (due is not { } at || at > owner.GetUtcNow() + TimeSpan.FromMilliseconds(1))
                {
                    Reschedule();
                    return;
                }

                due = period > TimeSpan.Zero ? owner.GetUtcNow() + period : null;
            }

            callback(state);
            Reschedule();
        }
    }
}
