using System.Runtime.CompilerServices;
using CsCheck;
using DeployCard.Grains.Live;
using DeployCard.Grains.Storage;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orleans.Storage;

namespace DeployCard.Grains.Tests.Live;

/// <summary>When a stream goes on and when it ends. How streams of real grains break stands in <see cref="MovedGrainTests"/>.</summary>
public sealed class ResumedFeedTests
{
    private readonly ApplicationLifetime lifetime = new(NullLogger<ApplicationLifetime>.Instance);
    private readonly FakeTimeProvider time = new();

    private ResumedFeed Feed => new(lifetime, time, NullLogger<ResumedFeed>.Instance);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Wherever_it_breaks_each_item_comes_once_and_in_order() =>
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
                            throw new FeedMovedException();
                        next = i + 1;
                        yield return i;
                    }
                }
            });

    [Fact]
    public void A_state_that_is_known_is_not_given_again()
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
                throw new EnumerationAbortedException("broke");
        }
    }

    public static TheoryData<Exception> Passing =>
        [
            new SiloUnavailableException(),
            new EnumerationAbortedException("broke"),
            new TimeoutException(),
            new OperationCanceledException(),
            new OrleansException("directory"),
            new OrleansException("read", new StorageException("away")),
            new StorageException("away"),
            new InconsistentStateException("overtaken"),
        ];

    [Theory]
    [MemberData(nameof(Passing))]
    public void What_breaks_as_silos_go_is_asked_for_again(Exception failure)
    {
        var asked = 0;

        Elapse(All(Feed.Read(_ => Failing(asked++ < 20 ? failure : null), Token))).ShouldBe(Enumerable.Repeat(1, 21));

        // 20 pauses of which most are the longest.
        (time.GetUtcNow() - new FakeTimeProvider().GetUtcNow()).ShouldBeInRange(TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(35));
    }

    [Fact]
    public async Task A_bug_is_told() =>
        await Should.ThrowAsync<InvalidOperationException>(All(Feed.Read(_ => Failing(new InvalidOperationException("bug")), Token)));

    [Fact]
    public async Task It_ends_quietly_with_its_own_process()
    {
        var read = All(Feed.Read(Endless, Token));

        lifetime.StopApplication();

        (await read).ShouldBe([1]);
    }

    [Fact]
    public async Task It_ends_quietly_with_its_own_process_while_it_pauses_too()
    {
        var read = All(Feed.Read(_ => Failing(new FeedMovedException()), Token));

        lifetime.StopApplication();

        (await read).ShouldBe([1]);
    }

    [Fact]
    public async Task Who_leaves_has_canceled()
    {
        using var client = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var read = All(Feed.Read(Endless, client.Token));

        await client.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(read);
    }

    [Fact]
    public void A_grain_that_does_not_answer_is_not_waited_for_when_it_is_left()
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

    /// <summary>Lets time pass until it is done.</summary>
    private List<T> Elapse<T>(Task<List<T>> read)
    {
        while (!read.Wait(TimeSpan.FromMilliseconds(1), Token))
            time.Advance(TimeSpan.FromMilliseconds(100));
        return read.GetAwaiter().GetResult();
    }

    /// <summary>Of a silo that is gone without anybody knowing.</summary>
    private sealed class Stuck : IAsyncEnumerable<int>, IAsyncEnumerator<int>
    {
        public int Current => 0;

        public IAsyncEnumerator<int> GetAsyncEnumerator(CancellationToken cancellationToken = default) => this;

        public ValueTask<bool> MoveNextAsync() => ValueTask.FromException<bool>(new TimeoutException());

        public ValueTask DisposeAsync() => new(new TaskCompletionSource().Task);
    }
}
