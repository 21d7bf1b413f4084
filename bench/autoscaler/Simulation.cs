using DeployCard.Grains.Autoscaling;

namespace DeployCard.Bench.Scaling;

/// <summary>
/// Replays a trace, event by event, against the autoscaler that deployments use: gateways report every second while they have something to
/// tell, and at once when a request begins to wait; the number is decided every two seconds, and at once when a report asks for more.
/// </summary>
internal sealed class Simulation(Arguments arguments, Trace trace)
{
    private const double ReportPeriod = 1;
    private const double DecisionPeriod = 2;
    private const int Cap = 100;
    private static readonly DateTimeOffset Begin = DateTimeOffset.UnixEpoch;

    private readonly List<Request> requests = Workload.Of(trace, arguments);
    private readonly Autoscaler autoscaler = new(arguments.Autoscaling);
    private readonly Grains.Deployments.DeploymentConfiguration configuration = arguments.Configuration;
    private readonly SimulatedPods pods = new(arguments.Gateways, trace.Rates.Count);
    private readonly PriorityQueue<Action, (double At, long Order)> events = new();
    private readonly Queue<Request> waiting = new();
    private readonly int[] waitingAt = new int[arguments.Gateways];
    private readonly double[] lastUse = new double[arguments.Gateways];
    private readonly double[] toldUse = new double[arguments.Gateways];
    private readonly List<double> waits = [];
    private double now;
    private long order;
    private int cold;

    private DateTimeOffset Clock => Begin.AddSeconds(now);

    public Result Run()
    {
        Array.Fill(lastUse, double.NegativeInfinity);
        Array.Fill(toldUse, double.NegativeInfinity);
        foreach (var request in requests)
            At(request.At, () => Arrive(request));
        for (var gateway = 0; gateway < arguments.Gateways; gateway++)
            EveryFrom((gateway + 1) * ReportPeriod / (arguments.Gateways + 1), ReportPeriod, ReportAsUsual(gateway));
        EveryFrom(0, DecisionPeriod, Decide);
        while (events.TryDequeue(out var happen, out var time) && (time.At < trace.Rates.Count || waits.Count < requests.Count))
        {
            now = time.At;
            pods.CountTo(now);
            happen();
        }

        pods.CountTo(trace.Rates.Count);
        var optimum = Workload.Optimum(requests, arguments.Concurrency, trace.Rates.Count);
        return new(trace.Name, waits, cold, pods.Started, pods.Most, trace.Rates.Count, pods.PodSeconds, optimum);
    }

    private void At(double time, Action happen) => events.Enqueue(happen, (time, order++));

    private void EveryFrom(double first, double period, Action happen) =>
        At(
            first,
            () =>
            {
                happen();
                EveryFrom(now + period, period, happen);
            }
        );

    private void Arrive(Request request)
    {
        if (pods.Ready == 0)
            cold++;
        lastUse[request.Gateway] = now;
        waiting.Enqueue(request);
        waitingAt[request.Gateway]++;
        Dispatch();
        if (waitingAt[request.Gateway] == 1)
            Report(request.Gateway);
    }

    private void Dispatch()
    {
        while (waiting.Count > 0 && pods.Free(arguments.Concurrency) is { } pod)
        {
            var request = waiting.Dequeue();
            waitingAt[request.Gateway]--;
            waits.Add(now - request.At);
            pod.Busy++;
            pod.InFlight[request.Gateway]++;
            At(now + request.Service, () => End(request, pod));
        }
    }

    private void End(Request request, SimulatedPod pod)
    {
        lastUse[request.Gateway] = now;
        pod.Busy--;
        pod.InFlight[request.Gateway]--;
        pods.Released(pod);
        Dispatch();
    }

    private Action ReportAsUsual(int gateway) =>
        () =>
        {
            if (waitingAt[gateway] + pods.InFlightAt(gateway) > 0 || lastUse[gateway] > toldUse[gateway])
                Report(gateway);
        };

    private void Report(int gateway)
    {
        toldUse[gateway] = lastUse[gateway];
        var report = new LoadReport(
            $"{gateway}",
            Clock,
            pods.InFlightAt(gateway),
            waitingAt[gateway],
            Begin.AddSeconds(lastUse[gateway]),
            pods.BusyAt(gateway)
        );
        autoscaler.Take(report, Clock);
        if (autoscaler.Look(configuration, pods.Ready, Cap, Clock).Pods > autoscaler.Present)
            Decide();
    }

    private void Decide()
    {
        var before = autoscaler.Present;
        var decision = autoscaler.Decide(configuration, pods.Ready, Cap, Clock);
        if (arguments.Explain && decision.Pods != before)
            Console.WriteLine($"{$"{now:0.0}".PadLeft(8)} s  {decision.Reason}");
        foreach (var pod in pods.BringTo(decision.Pods, Clock))
            At(now + arguments.Startup, () => BecomeReady(pod));
        Dispatch();
    }

    private void BecomeReady(SimulatedPod pod)
    {
        pod.IsReady = true;
        Dispatch();
    }
}
