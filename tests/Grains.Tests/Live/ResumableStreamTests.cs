using System.Runtime.CompilerServices;
using CsCheck;
using DeployCard.Client.Live;
using DeployCard.Common.Live;
using DeployCard.Contracts.Storage;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orleans.Storage;

namespace DeployCard.Grains.Tests.Live;

/// <summary>
/// Tests when a stream is resumed and when it ends. <see cref="MovedGrainTests"/> tests interrupted streams of real grains.
/// </summary>
public sealed class ResumableStreamTests
{
    private readonly ApplicationLifetime lifetime = new(NullLogger<ApplicationLifetime>.Instance);
    private readonly FakeTimeProvider time = new();

    private ResumableStream Feed => new(lifetime, time, NullLogger<ResumableStream>.Instance);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Items_arrive_once_and_in_order_wherever_the_stream_is_interrupted() =>
        Gen.Int[0, 20]
            .Array[0, 8]
            .Sample(breaks =>
            {
                var (next, asked) = (0, 0);
                var read = Elapse(All(Feed.Read(_ => From(next, asked++), Token)));
                read.ShouldBe(Enumerable.Range(0, 50));

                async IAsyncEnumerable<int> From(int first, int ask)
                {
                    await Task.Yield();
                    for (var i = first; i < 50; i++)
                    {
                        if (ask < breaks.Length && i - first == breaks[ask])
                            throw new StreamRelocatedException();
                        next = i + 1;
                        yield return i;
                    }
                }
            });

    [Fact]
    public void State_that_equals_the_previous_one_is_skipped()
    {
        var asked = 0;

        Elapse(All(Feed.ReadStates(_ => States(asked++), Token))).ShouldBe(["a", "b", "c", "b"]);

        static async IAsyncEnumerable<string> States(int ask)
        {
            await Task.Yield();
            foreach (
                var state in ask switch
                {
                    0 => ["a", "b"],
                    1 => ["b"],
                    2 => ["b", "c"],
                    _ => new[] { "b", "b" },
                }
            )
                yield return state;
            if (ask < 3)
                throw new EnumerationAbortedException("aborted");
        }
    }

    public static TheoryData<Exception> Transient =>
        [
            new SiloUnavailableException(),
            new EnumerationAbortedException("aborted"),
            new TimeoutException(),
            new OperationCanceledException(),
            new OrleansException("directory"),
            new OrleansException("read", new StorageException("unavailable")),
            new StorageException("unavailable"),
            new InconsistentStateException("overtaken"),
        ];

    [Theory]
    [MemberData(nameof(Transient))]
    public void Stream_is_resumed_after_a_transient_error(Exception failure)
    {
        var asked = 0;

        Elapse(All(Feed.Read(_ => Failing(asked++ < 20 ? failure : null), Token))).ShouldBe(Enumerable.Repeat(1, 21));

        // There are 20 delays, most of which are the maximum.
        (time.GetUtcNow() - new FakeTimeProvider().GetUtcNow()).ShouldBeInRange(TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(35));
    }

    [Fact]
    public async Task Exception_that_is_not_transient_is_thrown_to_the_reader() =>
        await Should.ThrowAsync<InvalidOperationException>(All(Feed.Read(_ => Failing(new InvalidOperationException("bug")), Token)));

    [Fact]
    public async Task Stream_completes_when_the_process_stops()
    {
        var read = All(Feed.Read(Endless, Token));

        lifetime.StopApplication();

        (await read).ShouldBe([1]);
    }

    [Fact]
    public async Task Stream_completes_when_the_process_stops_during_the_backoff()
    {
        var read = All(Feed.Read(_ => Failing(new StreamRelocatedException()), Token));

        lifetime.StopApplication();

        (await read).ShouldBe([1]);
    }

    [Fact]
    public async Task Disconnected_client_gets_a_cancellation()
    {
        using var client = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var read = All(Feed.Read(Endless, client.Token));

        await client.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(read);
    }

    [Fact]
    public void Resuming_does_not_wait_for_the_disposal_of_an_unresponsive_stream()
    {
        var asked = 0;

        Elapse(All(Feed.Read(_ => asked++ == 0 ? new Stuck() : Failing(null), Token))).ShouldBe([1]);
    }

    private static async IAsyncEnumerable<int> Failing(Exception? failure)
    {
        yield return 1;
        await Task.Yield();
        if (failure is not null)
            throw failure;
    }

    private static async IAsyncEnumerable<int> Endless([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return 1;
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
    }

    private static async Task<List<T>> All<T>(IAsyncEnumerable<T> stream)
    {
        var all = new List<T>();
        await foreach (var item in stream)
            all.Add(item);
        return all;
    }

    /// <summary>Advances the time until the stream has been read.</summary>
    private List<T> Elapse<T>(Task<List<T>> read)
    {
        while (!read.Wait(TimeSpan.FromMilliseconds(1), Token))
            time.Advance(TimeSpan.FromMilliseconds(100));
        return read.GetAwaiter().GetResult();
    }

    /// <summary>Stream of a silo that has died without being detected: reading times out and disposing never completes.</summary>
    private sealed class Stuck : IAsyncEnumerable<int>, IAsyncEnumerator<int>
    {
        public int Current => 0;

        public IAsyncEnumerator<int> GetAsyncEnumerator(CancellationToken cancellationToken = default) => this;

        public ValueTask<bool> MoveNextAsync() => ValueTask.FromException<bool>(new TimeoutException());

        public ValueTask DisposeAsync() => new(new TaskCompletionSource().Task);
    }
}
