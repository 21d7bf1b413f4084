using System.Runtime.CompilerServices;
using DeployCard.Client.Cluster;
using Microsoft.Extensions.Hosting;

namespace DeployCard.Client.Live;

/// <summary>
/// Reads a grain's stream for a client and resumes the stream if the grain or its silo becomes unavailable, until the client disconnects.
/// The client notices only a pause. A stream that completes is not opened again. Any other exception is a bug and is thrown to the client.
/// </summary>
public sealed partial class ResumableStream(IHostApplicationLifetime lifetime, TimeProvider time, ILogger<ResumableStream> logger)
{
    private enum Step
    {
        Item,
        End,
        Interrupted,
    }

    /// <summary>Returns all items of a stream, across interruptions. Ends when the stream completes or this process stops.</summary>
    /// <param name="open">
    /// Opens the grain's stream. After an interruption it is called again and must open the stream after the items that were already
    /// returned.
    /// </param>
    /// <param name="cancellationToken">Token that is canceled when the client disconnects.</param>
    /// <exception cref="OperationCanceledException">The client disconnected before the end.</exception>
    public async IAsyncEnumerable<T> Read<T>(
        Func<CancellationToken, IAsyncEnumerable<T>> open,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        for (var failures = 1; ; failures++)
        {
            var (items, step, openedAt) = (open(end.Token).GetAsyncEnumerator(end.Token), Step.Interrupted, time.GetTimestamp());
            try
            {
                while ((step = await ReadNext(items, end.Token, cancellationToken)) is Step.Item)
                {
                    yield return items.Current;
                    step = Step.End;
                }
            }
            finally
            {
                await DisposeStream(items, step);
            }

            if (step is Step.End)
                yield break;
            // A stream that is interrupted shortly after it was opened has not recovered: the backoff continues to grow.
            if (time.GetElapsedTime(openedAt) > GrainRetry.Backoff.Max)
                failures = 1;
            if (!await WaitBeforeRetry(failures, end.Token, cancellationToken))
                yield break;
        }
    }

    /// <summary>
    /// Reads a stream of states as <see cref="Read{T}"/> does. Each time the stream is opened it begins with the current state; a state
    /// that equals the previous one is skipped.
    /// </summary>
    public async IAsyncEnumerable<T> ReadStates<T>(
        Func<CancellationToken, IAsyncEnumerable<T>> open,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
        where T : class, IEquatable<T>
    {
        T? last = null;
        await foreach (var state in Read(open, cancellationToken))
        {
            if (!state.Equals(last))
                yield return last = state;
        }
    }

    private async Task<Step> ReadNext<T>(IAsyncEnumerator<T> items, CancellationToken end, CancellationToken client)
    {
        try
        {
            return await items.MoveNextAsync() ? Step.Item : Step.End;
        }
        catch (Exception e) when (end.IsCancellationRequested)
        {
            client.ThrowIfCancellationRequested();
            LogStreamInterrupted(logger, e.Message);
            return Step.End;
        }
        catch (Exception e) when (TransientErrors.IsTransient(e))
        {
            LogStreamInterrupted(logger, e.Message);
            return Step.Interrupted;
        }
    }

    /// <summary>Waits for the backoff delay. Returns false if this process stops.</summary>
    private async Task<bool> WaitBeforeRetry(int failures, CancellationToken end, CancellationToken client)
    {
        try
        {
            await Task.Delay(GrainRetry.Backoff.DelayAfter(failures), time, end);
            return true;
        }
        catch (OperationCanceledException) when (!client.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>
    /// Disposes a stream. An interrupted stream is disposed in the background, because disposing it calls the grain, whose silo may not
    /// respond.
    /// </summary>
    private ValueTask DisposeStream<T>(IAsyncEnumerator<T> items, Step step)
    {
        if (step is not Step.Interrupted)
            return items.DisposeAsync();
        _ = DisposeInBackground(items);
        return default;
    }

    private async Task DisposeInBackground<T>(IAsyncEnumerator<T> items)
    {
        try
        {
            await items.DisposeAsync();
        }
        catch (Exception e)
        {
            LogStreamInterrupted(logger, e.Message);
        }
    }

    // The level is Debug because the shutdown of one silo interrupts thousands of streams.
    [LoggerMessage(Level = LogLevel.Debug, Message = "The stream of a grain was interrupted: {Reason}")]
    private static partial void LogStreamInterrupted(ILogger logger, string reason);
}
