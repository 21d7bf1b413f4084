using System.Runtime.CompilerServices;
using System.Text.Json;
using DeployCard.Grains.Cluster;
using Microsoft.Extensions.Hosting;

namespace DeployCard.Grains.Live;

/// <summary>
/// Reads a grain's stream on behalf of a client that need not know where the grain lives. When the stream breaks off because the grain or its
/// silo went, it is asked for again, for as long as the client stays: all that is noticed is a pause. A stream that ends has ended for good,
/// and any other failure is a bug that the reader is told.
/// </summary>
public sealed partial class ResumedFeed(IHostApplicationLifetime lifetime, TimeProvider time, ILogger<ResumedFeed> logger)
{
    private enum Step
    {
        Item,
        End,
        Broken,
    }

    /// <summary>Gives all that the stream gives, each time from its beginning; ends with it, or when this process stops.</summary>
    /// <param name="ask">Asks the grain for the stream; asked again, for what comes behind what was given so far.</param>
    /// <param name="cancellationToken">The client's.</param>
    /// <exception cref="OperationCanceledException">The client left.</exception>
    public async IAsyncEnumerable<T> Read<T>(
        Func<CancellationToken, IAsyncEnumerable<T>> ask,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        for (var breaks = 1; ; breaks++)
        {
            var (items, step, asked) = (ask(end.Token).GetAsyncEnumerator(end.Token), Step.Broken, time.GetTimestamp());
            try
            {
                while ((step = await Next(items, end.Token, cancellationToken)) is Step.Item)
                {
                    yield return items.Current;
                    step = Step.End;
                }
            }
            finally
            {
                await Leave(items, step);
            }

            if (step is Step.End)
                yield break;
            // A stream that begins and breaks at once has not recovered.
            if (time.GetElapsedTime(asked) > RetryPause.Longest)
                breaks = 1;
            if (!await Pause(breaks, end.Token, cancellationToken))
                yield break;
        }
    }

    /// <summary>The same of a stream of states, of which the first one is the present one: a state that is the one given last is left out.</summary>
    public async IAsyncEnumerable<T> ReadStates<T>(
        Func<CancellationToken, IAsyncEnumerable<T>> ask,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
        where T : class
    {
        T? last = null;
        await foreach (var state in Read(ask, cancellationToken))
        {
            if (last is null || !AreSame(last, state))
                yield return last = state;
        }
    }

    /// <summary>Whether two views show the same. Those from different silos share no list, which records compare by identity.</summary>
    internal static bool AreSame<T>(T one, T other) => JsonSerializer.Serialize(one) == JsonSerializer.Serialize(other);

    private async Task<Step> Next<T>(IAsyncEnumerator<T> items, CancellationToken end, CancellationToken client)
    {
        try
        {
            return await items.MoveNextAsync() ? Step.Item : Step.End;
        }
        catch (Exception e) when (end.IsCancellationRequested)
        {
            client.ThrowIfCancellationRequested();
            LogBroken(logger, e.Message);
            return Step.End;
        }
        catch (Exception e) when (ClusterFault.IsPassing(e))
        {
            LogBroken(logger, e.Message);
            return Step.Broken;
        }
    }

    /// <summary>False when this process stops.</summary>
    private async Task<bool> Pause(int breaks, CancellationToken end, CancellationToken client)
    {
        try
        {
            await Task.Delay(RetryPause.After(breaks, Random.Shared.NextDouble()), time, end);
            return true;
        }
        catch (OperationCanceledException) when (!client.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>A grain that has gone is not waited for: it would be looked for, and may be where nothing answers.</summary>
    private ValueTask Leave<T>(IAsyncEnumerator<T> items, Step step)
    {
        if (step is not Step.Broken)
            return items.DisposeAsync();
        _ = Forget(items);
        return default;
    }

    private async Task Forget<T>(IAsyncEnumerator<T> items)
    {
        try
        {
            await items.DisposeAsync();
        }
        catch (Exception e)
        {
            LogBroken(logger, e.Message);
        }
    }

    // Not Information: a silo that ends breaks thousands.
    [LoggerMessage(Level = LogLevel.Debug, Message = "A stream of a grain broke off: {Reason}")]
    private static partial void LogBroken(ILogger logger, string reason);
}
