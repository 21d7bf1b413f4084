using System.Collections.Concurrent;
using System.Net;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Runtimes.LocalProcess.Cluster;

namespace DeployCard.Grains.Tests.Runtimes.LocalProcess.Cluster;

/// <summary>A double of the way to the silos: one that is silent or away cannot be had within one process.</summary>
internal sealed class ScriptedSilos : ISiloPodsClient
{
    private readonly ConcurrentDictionary<SiloAddress, Scripted> silos = new();

    public static DeploymentName Iris { get; } = DeploymentName.Parse("iris");

    public static SiloAddress Silo(int number) => SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 11000 + number), 1);

    public static PodObservation Pod(string name, string deployment = "iris", PodPhase phase = PodPhase.Ready) =>
        new()
        {
            Name = new(name),
            Deployment = DeploymentName.Parse(deployment),
            Revision = 1,
            Phase = phase,
            CreatedAt = DateTimeOffset.UnixEpoch,
        };

    public static PodSpec Spec(string name) =>
        new()
        {
            Name = new(name),
            Deployment = Iris,
            Revision = 1,
            Image = "plain",
            Environment = new Dictionary<string, string>(),
            StartupTimeout = TimeSpan.FromSeconds(1),
        };

    public Scripted At(int number) => silos.GetOrAdd(Silo(number), _ => new());

    public ISiloPodsService Of(SiloAddress silo) => silos.GetOrAdd(silo, _ => new());

    /// <summary>A silo that tells what the test says, until it falls silent or its connection breaks.</summary>
    internal sealed class Scripted : ISiloPodsService
    {
        private TaskCompletionSource changed = new();
        private long version = 1;

        public List<PodName> Started { get; } = [];

        public bool IsSilent { get; set; }

        public bool IsAway { get; set; }

        public bool IsLeaving { get; set; }

        public IReadOnlyList<PodObservation> Pods { get; private set; } = [];

        public void Has(params PodObservation[] pods)
        {
            (Pods, version) = (pods, version + 1);
            Interlocked.Exchange(ref changed, new()).SetResult();
        }

        public async Task<SiloPods?> Start(PodSpec pod)
        {
            await Answer();
            if (IsLeaving)
                return null;
            Started.Add(pod.Name);
            Has([.. Pods, Pod(pod.Name.Value, phase: PodPhase.Starting)]);
            return new(version, IsLeaving, Pods);
        }

        public async Task<PodEnd> Stop(PodName pod, TimeSpan grace)
        {
            await Answer();
            return new(true, Pods.FirstOrDefault(p => p.Name == pod));
        }

        public async Task<SiloPods> Watch(long after)
        {
            var change = changed.Task;
            await Answer();
            if (version <= after)
                await change;
            await Answer();
            return new(version, IsLeaving, Pods);
        }

        private Task Answer() =>
            IsAway ? Task.FromException(new SiloUnavailableException("There is no way to it."))
            : IsSilent ? new TaskCompletionSource().Task
            : Task.CompletedTask;
    }
}
