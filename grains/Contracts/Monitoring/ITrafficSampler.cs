namespace DeployCard.Contracts.Monitoring;

/// <summary>
/// Samples the current state of the deployments on this silo into the <see cref="TrafficRegistry"/>. <c>TrafficReporter</c> runs
/// each sampler every second.
/// </summary>
public interface ITrafficSampler
{
    /// <summary>
    /// Records one sample for each deployment that has data to record. A sample keeps a deployment active, so idle deployments get none.
    /// </summary>
    Task Sample(CancellationToken cancellationToken);
}
