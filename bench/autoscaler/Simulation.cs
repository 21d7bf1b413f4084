using DeployCard.Contracts.Autoscaling;
using DeployCard.Domain.Autoscaling;

namespace DeployCard.Bench.Scaling;

/// <summary>
/// Replays a trace, event by event, against the autoscaler that deployments use. A gateway reports every second while it has requests or
/// unreported activity, and immediately when its queue becomes non-empty. The number of pods is decided every two seconds, and immediately
/// when a report requires more pods.
/// </summary>
internal sealed class Simulation(Arguments arguments, Trace trace)
{
    private const double ReportInterval = 1;
    private const double DecisionInterval = 2;
    private const int PodLimit = 100;
    private static readonly DateTimeOffset StartTime = DateTimeOffset.UnixEpoch;

    private readonly List<Request> requests = Workload.CreateRequests(trace, arguments);
    private readonly Autoscaler autoscaler = new(arguments.Autoscaling);
    private readonly Contracts.Configuration.DeploymentConfiguration configuration = arguments.Configuration;
    private readonly SimulatedPods pods = new(arguments.Gateways, trace.Rates.Count);
    private readonly PriorityQueue<Action, (double At, long Order)> events = new();
    private readonly Queue<Request> waiting = new();
    private readonly int[] waitingAt = new int[arguments.Gateways];
    private readonly double[] lastUse = new double[arguments.Gateways];
    private readonly double[] reportedUse = new double[arguments.Gateways];
    private readonly List<double> waits = [];
    private double now;
    private long order;
    private int coldRequests;

    private DateTimeOffset Now => StartTime.AddSeconds(now);

    /// <summary>Runs the simulation until the trace has ended and all requests were dispatched.</summary>
    public Result Run()
    {
        Array.Fill(lastUse, double.NegativeInfinity);
        Array.Fill(reportedUse, double.NegativeInfinity);
        foreach (var request in requests)
            Schedule(request.At, () => Arrive(request));
        for (var gateway = 0; gateway < arguments.Gateways; gateway++)
            ScheduleRepeatedly((gateway + 1) * ReportInterval / (arguments.Gateways + 1), ReportInterval, CreatePeriodicReport(gateway));
        ScheduleRepeatedly(0, DecisionInterval, Decide);
        while (events.TryDequeue(out var action, out var time) && (time.At < trace.Rates.Count || waits.Count < requests.Count))
        {
            now = time.At;
            pods.AdvanceTo(now);
            action();
        }

        pods.AdvanceTo(trace.Rates.Count);
        var optimum = Workload.ComputeOptimum(requests, arguments.Concurrency, trace.Rates.Count);
        return new(trace.Name, waits, coldRequests, pods.StartedCount, pods.MaxCount, trace.Rates.Count, pods.PodSeconds, optimum);
    }

    private void Schedule(double time, Action action) => events.Enqueue(action, (time, order++));

    private void ScheduleRepeatedly(double first, double interval, Action action) =>
        Schedule(
            first,
            () =>
            {
                action();
                ScheduleRepeatedly(now + interval, interval, action);
            }
        );

    private void Arrive(Request request)
    {
        if (pods.ReadyCount == 0)
            coldRequests++;
        lastUse[request.Gateway] = now;
        waiting.Enqueue(request);
        waitingAt[request.Gateway]++;
        Dispatch();
        if (waitingAt[request.Gateway] == 1)
            Report(request.Gateway);
    }

    private void Dispatch()
    {
        while (waiting.Count > 0 && pods.FindFree(arguments.Concurrency) is { } pod)
        {
            var request = waiting.Dequeue();
            waitingAt[request.Gateway]--;
            waits.Add(now - request.At);
            pod.ActiveRequests++;
            pod.InFlight[request.Gateway]++;
            Schedule(now + request.Service, () => End(request, pod));
        }
    }

    private void End(Request request, SimulatedPod pod)
    {
        lastUse[request.Gateway] = now;
        pod.ActiveRequests--;
        pod.InFlight[request.Gateway]--;
        pods.RemoveIfDrained(pod);
        Dispatch();
    }

    private Action CreatePeriodicReport(int gateway) =>
        () =>
        {
            if (waitingAt[gateway] + pods.CountInFlight(gateway) > 0 || lastUse[gateway] > reportedUse[gateway])
                Report(gateway);
        };

    private void Report(int gateway)
    {
        reportedUse[gateway] = lastUse[gateway];
        var report = new LoadReport(
            $"{gateway}",
            Now,
            pods.CountInFlight(gateway),
            waitingAt[gateway],
            StartTime.AddSeconds(lastUse[gateway]),
            pods.GetBusyPods(gateway)
        );
        autoscaler.RecordReport(report, Now);
        if (autoscaler.Evaluate(configuration, pods.ReadyCount, PodLimit, Now).Pods > autoscaler.CurrentPods)
            Decide();
    }

    private void Decide()
    {
        var before = autoscaler.CurrentPods;
        var decision = autoscaler.Decide(configuration, pods.ReadyCount, PodLimit, Now);
        if (arguments.Explain && decision.Pods != before)
            Console.WriteLine($"{$"{now:0.0}".PadLeft(8)} s  {decision.Reason}");
        foreach (var pod in pods.ScaleTo(decision.Pods, Now))
            Schedule(now + arguments.Startup, () => BecomeReady(pod));
        Dispatch();
    }

    private void BecomeReady(SimulatedPod pod)
    {
        pod.IsReady = true;
        Dispatch();
    }
}
