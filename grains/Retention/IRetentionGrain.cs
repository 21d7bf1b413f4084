namespace DeployCard.Grains.Retention;

/// <summary>
/// Wakes what is due, from the index, and what a silo that is gone left behind. There is one; every silo's clock calls it,
/// and a call while it works does nothing more.
/// </summary>
[Alias("retention")]
public interface IRetentionGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Has what is due look at itself, for some seconds at the most and with rests, so that others get to the storage too. Whether it did not come to
    /// the end.
    /// </summary>
    Task<bool> Sweep(CancellationToken cancellationToken);

    /// <summary>
    /// Wakes every deployment that has or wants pods and every queue with calls that have not ended, and each monitor with an alert that fires. False where nothing was to be done:
    /// <paramref name="isUsual"/> and another silo's clock was first in this minute.
    /// </summary>
    /// <param name="isUsual">The minute is over, and nothing else.</param>
    /// <param name="cancellationToken">The silo ends.</param>
    Task<bool> WakeAll(bool isUsual, CancellationToken cancellationToken);
}
