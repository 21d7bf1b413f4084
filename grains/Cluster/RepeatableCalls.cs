namespace DeployCard.Grains.Cluster;

/// <summary>
/// Makes calls to grains that may be made twice: reads, and changes that change nothing when they come again. Where the grain's silo has just
/// died or is ending, such a call is made again a few times, so that a rolling restart shows no errors at the other silos.
/// What a person changes is not made this way: a silo that died may have done it, and a second try would be refused or done twice.
/// </summary>
public sealed class RepeatableCalls(TimeProvider time)
{
    /// <summary>With their pauses, 1.6 to 3.2 s: longer than a grain takes to come up elsewhere, shorter than a person waits.</summary>
    private const int Tries = 7;

    /// <summary>Makes the call.</summary>
    /// <exception cref="Exception">What the last try threw: see <see cref="ClusterFault"/>.</exception>
    public async Task<T> Make<T>(Func<Task<T>> call, CancellationToken cancellationToken = default)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await call();
            }
            // One that took all of its time has waited long enough.
            catch (Exception e) when (tries < Tries && ClusterFault.Is(e) && e is not TimeoutException)
            {
                await Task.Delay(RetryPause.After(tries, Random.Shared.NextDouble()), time, cancellationToken);
            }
        }
    }

    /// <inheritdoc cref="Make{T}(Func{Task{T}}, CancellationToken)"/>
    public Task Make(Func<Task> call, CancellationToken cancellationToken = default) =>
        Make(
            async () =>
            {
                await call();
                return true;
            },
            cancellationToken
        );
}
