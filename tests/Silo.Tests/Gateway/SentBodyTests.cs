using System.Threading.Tasks.Sources;
using DeployCard.Silo.Gateway;

namespace DeployCard.Silo.Tests.Gateway;

/// <summary>What is read of a body is passed on, whichever way it came.</summary>
public sealed class SentBodyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A server's reads are kept and used again: what one gives can be taken once.</summary>
    [Fact]
    public async Task A_read_that_is_over_by_the_time_it_is_looked_at_is_taken_once()
    {
        using var clock = new RequestClock(TimeProvider.System);
        await using var body = new SentBody(new Once(5), clock);

        (await body.ReadAsync(new byte[16], Token)).ShouldBe(5);
        (await body.ReadAsync(new byte[16], Token)).ShouldBe(5);
    }

    /// <summary>A body whose reads come through a source that is over at once, and ends with the first look at its result.</summary>
    private sealed class Once(int bytes) : ReadingStream, IValueTaskSource<int>
    {
        private ManualResetValueTaskSourceCore<int> source;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            source.SetResult(bytes);
            return new(this, source.Version);
        }

        public int GetResult(short token)
        {
            var result = source.GetResult(token);
            source.Reset();
            return result;
        }

        public ValueTaskSourceStatus GetStatus(short token) => source.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            source.OnCompleted(continuation, state, token, flags);
    }
}
