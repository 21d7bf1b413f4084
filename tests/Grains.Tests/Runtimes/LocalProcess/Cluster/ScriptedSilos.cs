using System.Collections.Concurrent;
using System.Net;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.LocalProcess.Cluster;
using DeployCard.LocalProcess.Pods;

namespace DeployCard.Grains.Tests.Runtimes.LocalProcess.Cluster;

/// <summary>Test double for the pod services of silos, because an unresponsive silo cannot be simulated within one process.</summary>
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

    public ISiloPodsService GetPodsService(SiloAddress silo) => silos.GetOrAdd(silo, _ => new());

    /// <summary>A silo that reports the pods set by the test, until it is unresponsive or unreachable.</summary>
    internal sealed class Scripted : ISiloPodsService
    {
        private TaskCompletionSource changed = new();
        private long version = 1;

        public List<PodName> Started { get; } = [];

        public bool IsUnresponsive { get; set; }

        public bool IsUnreachable { get; set; }

        public bool IsDraining { get; set; }

        public IReadOnlyList<PodObservation> Pods { get; private set; } = [];

        public void SetPods(params PodObservation[] pods)
        {
            (Pods, version) = (pods, version + 1);
            Interlocked.Exchange(ref changed, new()).SetResult();
        }

        public async Task<SiloPods?> Start(PodSpec pod)
        {
            await Respond();
            if (IsDraining)
                return null;
            Started.Add(pod.Name);
            SetPods([.. Pods, Pod(pod.Name.Value, phase: PodPhase.Starting)]);
            return new(version, IsDraining, Pods);
        }

        public async Task<PodStopResult> Stop(PodName pod, TimeSpan grace)
        {
            await Respond();
            return new(true, Pods.FirstOrDefault(p => p.Name == pod));
        }

        public async Task<SiloPods> Watch(long after)
        {
            var change = changed.Task;
            await Respond();
            if (version <= after)
                await change;
            await Respond();
            return new(version, IsDraining, Pods);
        }

        private Task Respond() =>
            IsUnreachable ? Task.FromException(new SiloUnavailableException("The silo is unreachable."))
            : IsUnresponsive ? new TaskCompletionSource().Task
            : Task.CompletedTask;
    }
}
