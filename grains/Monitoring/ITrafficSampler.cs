namespace DeployCard.Grains.Monitoring;

/// <summary>Notes what there is of each deployment in this silo at a moment, in the <see cref="TrafficBook"/>. It is asked every second.</summary>
public interface ITrafficSampler
{
    /// <summary>Notes it. What has nothing is left alone.</summary>
    Task Sample(CancellationToken cancellationToken);
}
