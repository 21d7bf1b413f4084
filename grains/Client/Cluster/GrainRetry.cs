using DeployCard.Common.Retry;

namespace DeployCard.Client.Cluster;

/// <summary>
/// Retries idempotent calls to grains: reads, and changes that have no effect when repeated. If the silo of a grain has died or is shutting
/// down, the call is retried a few times, so that a rolling restart causes no errors on the other silos. Changes made by users are not
/// retried: the silo may have made the change before it died, and a retry would be rejected or make the change twice.
/// </summary>
public sealed class GrainRetry(TimeProvider time)
{
    /// <summary>
    /// Delays before calls to an unavailable grain are repeated: 50 ms to 2 s. Half of each delay is jitter, so that a thousand callers
    /// that lost the same silo do not retry simultaneously.
    /// </summary>
    public static readonly Backoff Backoff = Backoff.Exponential(
        TimeSpan.FromMilliseconds(50),
        TimeSpan.FromSeconds(2),
        jitter: Jitter.Shorten(0.5)
    );

    /// <summary>
    /// Maximum number of attempts. The delays between them add up to 1.6 to 3.2 s. That is longer than a grain takes to be activated on
    /// another silo, but short enough for a waiting user.
    /// </summary>
    private const int MaxAttempts = 7;

    /// <summary>
    /// Executes a call and retries it if the grain is unavailable (<see cref="TransientErrors.IsGrainUnavailable"/>). A timeout is not
    /// retried.
    /// </summary>
    /// <exception cref="Exception">The exception of the last attempt.</exception>
    public async Task<T> Execute<T>(Func<Task<T>> call, CancellationToken cancellationToken = default)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await call();
            }
            // A timeout is not retried because the caller has already waited for the whole response timeout.
            catch (Exception e) when (attempt < MaxAttempts && TransientErrors.IsGrainUnavailable(e) && e is not TimeoutException)
            {
                await Task.Delay(Backoff.DelayAfter(attempt), time, cancellationToken);
            }
        }
    }

    /// <inheritdoc cref="Execute{T}(Func{Task{T}}, CancellationToken)"/>
    public Task Execute(Func<Task> call, CancellationToken cancellationToken = default) =>
        Execute(
            async () =>
            {
                await call();
                return true;
            },
            cancellationToken
        );
}
