namespace DeployCard.Grains.Retention;

/// <summary>
/// Wakes what is due, from the index, and what a silo that is gone left behind. There is one; every silo's clock calls it,
/// and a call while it works does nothing more.
/// </summary>
[Alias("retention")]
public interface IRetentionGrain : IGrainWithIntegerKey
{
    /// <summary>Has everything that is due look at itself.</summary>
    Task Sweep(CancellationToken cancellationToken);

    /// <summary>Wakes every deployment that has or wants pods and every queue with calls that have not ended.</summary>
    Task WakeAll(CancellationToken cancellationToken);
}
