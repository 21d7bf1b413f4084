using System.Diagnostics;
using DeployCard.Bench.Monitoring;
using DeployCard.Contracts.Monitoring;
using DeployCard.Contracts.Names;
using DeployCard.Storage.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

var arguments = new ConfigurationBuilder().AddCommandLine(args).Build().Get<Arguments>() ?? new();
var folder = Directory.CreateTempSubdirectory("deploycard-bench-");
var builder = Host.CreateApplicationBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddSingleton(TimeProvider.System);
builder.UseOrleans(silo =>
    silo.UseLocalhostClustering().AddSqliteStorage(options => options.Path = Path.Combine(folder.FullName, "bench.db"))
);
using var host = builder.Build();
await host.StartAsync();

Console.WriteLine(arguments);
var (grains, days, now) = (
    host.Services.GetRequiredService<IGrainFactory>(),
    new HistoryGenerator(arguments, host.Services.GetRequiredService<IMonitorStore>()),
    TimeProvider.System.GetUtcNow()
);
var names = Enumerable.Range(0, arguments.Deployments).Select(n => DeploymentName.Parse($"d{n}")).ToList();
var stored = 0L;
foreach (var name in names)
    stored += await days.Store(name, now);
Console.WriteLine($"stored: {stored / names.Count / 1024:N0} KiB per deployment for three days\n");

Console.WriteLine(
    "| three days in one grain call | queries | p50 | p99 | maximum | CPU time each | allocated each |\n"
        + "|---|---:|---:|---:|---:|---:|---:|"
);
var (early, late) = (names.Take(names.Count / 2).ToList(), names.Skip(names.Count / 2).ToList());
await Measure("first query of a deployment, read from storage, in a process that has just started", early.Select(name => (name, 1)));
var before = Memory();
await Measure("first query of a deployment, read from storage, later", late.Select(name => (name, 1)));
var history = (Memory() - before) / late.Count / 1024;
foreach (var step in new[] { 1, 5, 60 })
    await Measure($"in memory, points of {step} min", Enumerable.Repeat((names[1], step), arguments.Queries));
Console.WriteLine($"\nmemory: {history:N0} KiB per deployment, kept until 5 min after its last query\n");
RecordingBenchmark.Measure();
await host.StopAsync();
folder.Delete(recursive: true);

async Task Measure(string label, IEnumerable<(DeploymentName Name, int Step)> queries)
{
    var took = new List<double>();
    var (cpu, bytes) = (Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes());
    foreach (var (name, step) in queries)
    {
        var started = Stopwatch.GetTimestamp();
        await Query(name, step);
        took.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
    }

    // Unlike the durations, these values do not depend on the load of other programs.
    var (cpuPerQuery, kibPerQuery) = (
        (Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds / took.Count,
        (GC.GetTotalAllocatedBytes() - bytes) / took.Count / 1024
    );
    took.Sort();
    Console.WriteLine(
        $"| {label} | {took.Count} | {took[took.Count / 2]:0.0} ms | {took[Math.Min(took.Count - 1, took.Count * 99 / 100)]:0.0} ms "
            + $"| {took[^1]:0.0} ms | {cpuPerQuery:0.0} ms | {kibPerQuery:N0} KiB |"
    );
}

async Task Query(DeploymentName name, int step)
{
    var found = await grains.GetGrain<IMonitorGrain>(name.Value).Query(new(now.AddDays(-3), now, TimeSpan.FromMinutes(step)));
    if (found.Value!.Points.Count(point => point.Latency is not null) < (4_320 / step) - 2)
        throw new InvalidOperationException("A query returned fewer points with a latency than were stored, so its time is meaningless.");
}

static long Memory() => GC.GetTotalMemory(forceFullCollection: true);
