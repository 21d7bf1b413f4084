using System.Threading.Tasks.Sources;
using DeployCard.Gateway;

namespace DeployCard.Silo.Tests.Gateway;

/// <summary>Reads of a request body that is forwarded as it arrives.</summary>
public sealed class FlushOnIdleStreamTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Kestrel pools the sources of its reads, so the result of a read may be consumed only once.</summary>
    [Fact]
    public async Task Completed_read_is_consumed_once()
    {
        using var clock = new RequestTimeouts(TimeProvider.System);
        await using var body = new FlushOnIdleStream(new Once(5), clock);

        (await body.ReadAsync(new byte[16], Token)).ShouldBe(5);
        (await body.ReadAsync(new byte[16], Token)).ShouldBe(5);
    }

    /// <summary>Body whose reads complete immediately and whose results can be consumed only once.</summary>
    private sealed class Once(int bytes) : ReadOnlyStream, IValueTaskSource<int>
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
