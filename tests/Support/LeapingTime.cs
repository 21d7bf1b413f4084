namespace DeployCard.Tests.Support;

/// <summary>
/// Time that goes on as it does, and leaps when a test says so: timers that fall due by a leap fire at once. Silos cannot live by a clock
/// that stands still between a test's moves, because their membership waits by the same one. Elapsed time is real time.
/// </summary>
public sealed class LeapingTime(DateTimeOffset begin) : TimeProvider
{
    private const uint MostMilliseconds = uint.MaxValue - 1;

    private readonly Lock sync = new();
    private readonly HashSet<Timer> timers = [];
    private readonly TimeSpan shift = begin - System.GetUtcNow();
    private TimeSpan leapt;

    public override DateTimeOffset GetUtcNow()
    {
        lock (sync)
            return System.GetUtcNow() + shift + leapt;
    }

    /// <summary>How many timers there are.</summary>
    public int Timers
    {
        get
        {
            lock (sync)
                return timers.Count;
        }
    }

    /// <summary>Leaps.</summary>
    public void Advance(TimeSpan time)
    {
        Timer[] all;
        lock (sync)
        {
            leapt += time;
            all = [.. timers];
        }

        foreach (var timer in all)
            timer.Arm();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        lock (sync)
            timers.Add(timer);
        timer.Change(dueTime, period);
        return timer;
    }

    private void Forget(Timer timer)
    {
        lock (sync)
            timers.Remove(timer);
    }

    private sealed class Timer : ITimer
    {
        private readonly LeapingTime owner;
        private readonly TimerCallback callback;
        private readonly object? state;
        private readonly ITimer real;
        private readonly Lock sync = new();
        private DateTimeOffset? due;
        private TimeSpan period;

        public Timer(LeapingTime owner, TimerCallback callback, object? state)
        {
            (this.owner, this.callback, this.state) = (owner, callback, state);
            real = System.CreateTimer(_ => Fire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            // The bound of real timers, or a test would be content with a wait that a silo cannot begin.
            ArgumentOutOfRangeException.ThrowIfGreaterThan(dueTime.TotalMilliseconds, MostMilliseconds, nameof(dueTime));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(period.TotalMilliseconds, MostMilliseconds, nameof(period));
            lock (sync)
            {
                due = dueTime == Timeout.InfiniteTimeSpan ? null : owner.GetUtcNow() + dueTime;
                this.period = period;
            }

            return Arm();
        }

        /// <summary>Sets the real timer to what is left.</summary>
        public bool Arm()
        {
            lock (sync)
            {
                if (due is not { } at)
                    return real.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                var left = at - owner.GetUtcNow();
                return real.Change(left < TimeSpan.Zero ? TimeSpan.Zero : left, Timeout.InfiniteTimeSpan);
            }
        }

        public void Dispose()
        {
            owner.Forget(this);
            real.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            owner.Forget(this);
            return real.DisposeAsync();
        }

        private void Fire()
        {
            lock (sync)
            {
                if (due is not { } at || at > owner.GetUtcNow() + TimeSpan.FromMilliseconds(1))
                {
                    Arm();
                    return;
                }

                due = period > TimeSpan.Zero ? owner.GetUtcNow() + period : null;
            }

            callback(state);
            Arm();
        }
    }
}
