using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using DeployCard.Bench.Common.Reports;
using DeployCard.Grains.Storage;
using Npgsql;
using NpgsqlTypes;

namespace DeployCard.Bench.Cluster.Targets;

/// <summary>
/// Writes many rows of state, copies of one that the silo wrote itself; the triggers fill the indexes. <see cref="Deployments"/> differ in
/// name, title and times, <see cref="Calls"/> in id and times.
/// </summary>
internal sealed class PastRows(ClusterDatabase database, DateTimeOffset now)
{
    private const string Columns =
        "GrainIdHash, GrainIdN0, GrainIdN1, GrainTypeHash, GrainTypeString, GrainIdExtensionString, ServiceId, PayloadBinary, ModifiedOn, Version";

    private const string DeploymentType = "deployment";
    private const int Batch = 50_000;
    private static readonly TimeSpan Span = TimeSpan.FromDays(2.5);
    private static readonly string[] Words =
    [
        "churn",
        "fraud",
        "prices",
        "sentiment",
        "defects",
        "demand",
        "speech",
        "scoring",
        "ranking",
        "routes",
    ];
    private static readonly GrainKeyHasher Hashers = new();

    /// <summary>The name of a deployment at rest.</summary>
    public static string Name(int place) => $"rest-{place:000000}";

    /// <summary>When a call was accepted, by its place from the oldest one.</summary>
    public static DateTimeOffset AcceptedAt(DateTimeOffset now, int count, int place) => now - Span + (Span * ((double)place / count));

    public async Task Deployments(string like, int count, CancellationToken cancellationToken)
    {
        var model = await Model($"GrainTypeString = 'deployment' AND GrainIdExtensionString = '{like}'", cancellationToken);
        if ((HashOf(like), TypeHashOf(like)) != (model.Hash, model.TypeHash))
            throw new InvalidOperationException("Rows of deployments lie elsewhere than this program knows.");
        var template = new Template(model.Json, "name", "uid", "title", "createdAt", "updatedAt");
        await Write(
            "deployments",
            count,
            DeploymentType,
            place =>
            {
                var (name, at) = (Name(place), Text(AcceptedAt(now, count, place)));
                return new(
                    HashOf(name),
                    0,
                    0,
                    TypeHashOf(name),
                    name,
                    template.With(name, $"{Guid.NewGuid()}", $"Model of {Words[place % Words.Length]} {place * 7919L % count}", at, at)
                );
            },
            cancellationToken
        );
    }

    public async Task Calls(int count, CancellationToken cancellationToken)
    {
        var model = await Model("GrainTypeString = 'asyncCall'", cancellationToken);
        var template = new Template(model.Json, "id", "createdAt", "endedAt", "dueAt", "removedAt");
        await Write(
            "past calls",
            count,
            "asyncCall",
            place =>
            {
                var at = AcceptedAt(now, count, place);
                var id = Guid.CreateVersion7(at);
                Span<byte> key = stackalloc byte[16];
                id.TryWriteBytes(key);
                var text = id.ToString("N");
                var hash = (int)uint.Parse(text.AsSpan(2, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
                var due = Text(at + TimeSpan.FromDays(30));
                return new(
                    hash,
                    BitConverter.ToInt64(key),
                    BitConverter.ToInt64(key[8..]),
                    hash,
                    "",
                    template.With(text, Text(at), Text(at + TimeSpan.FromMilliseconds(20)), due, due)
                );
            },
            cancellationToken
        );
    }

    public static string Text(DateTimeOffset at) => at.UtcDateTime.ToString("O");

    /// <summary>Orleans gives the hasher a text key from its end.</summary>
    private static int HashOf(string name) => Hash(name, [.. Encoding.UTF8.GetBytes(name).Reverse()]);

    private static int TypeHashOf(string name) => Hash(name, Encoding.UTF8.GetBytes(DeploymentType));

    private static int Hash(string name, byte[] data) =>
        Hashers.PickHasher<object>("", "", DeploymentType, GrainId.Create(DeploymentType, name), null!).Hash(data);

    private async Task Write(string what, int count, string type, Func<int, StateRow> row, CancellationToken cancellationToken)
    {
        await using var connection = await database.Connect(cancellationToken);
        await using (var fast = new NpgsqlCommand("SET synchronous_commit = off", connection))
            await fast.ExecuteNonQueryAsync(cancellationToken);
        for (var first = 0; first < count; first += Batch)
        {
            await using var writer = await connection.BeginBinaryImportAsync(
                $"COPY OrleansStorage ({Columns}) FROM STDIN (FORMAT BINARY)",
                cancellationToken
            );
            for (var place = first; place < Math.Min(count, first + Batch); place++)
                await Write(writer, row(place), type, cancellationToken);
            await writer.CompleteAsync(cancellationToken);
            if ((first + Batch) % 200_000 == 0)
                Report.Progress($"  {first + Batch:N0} {what} written");
        }
    }

    private async Task Write(NpgsqlBinaryImporter writer, StateRow row, string type, CancellationToken cancellationToken)
    {
        await writer.StartRowAsync(cancellationToken);
        await writer.WriteAsync(row.Hash, cancellationToken);
        await writer.WriteAsync(row.N0, cancellationToken);
        await writer.WriteAsync(row.N1, cancellationToken);
        await writer.WriteAsync(row.TypeHash, cancellationToken);
        await writer.WriteAsync(type, NpgsqlDbType.Varchar, cancellationToken);
        await writer.WriteAsync(row.Extension, NpgsqlDbType.Varchar, cancellationToken);
        await writer.WriteAsync("deploycard", NpgsqlDbType.Varchar, cancellationToken);
        await writer.WriteAsync(row.Payload, cancellationToken);
        await writer.WriteAsync(now.UtcDateTime, NpgsqlDbType.TimestampTz, cancellationToken);
        await writer.WriteAsync(1, cancellationToken);
    }

    private async Task<(int Hash, int TypeHash, string Json)> Model(string where, CancellationToken cancellationToken)
    {
        await using var connection = await database.Connect(cancellationToken);
        await using var command = new NpgsqlCommand(
            $"SELECT GrainIdHash, GrainTypeHash, convert_from(PayloadBinary, 'UTF8') FROM OrleansStorage WHERE {where} LIMIT 1",
            connection
        );
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            throw new InvalidOperationException($"There is no model for the rows: {where}");
        return (reader.GetInt32(0), reader.GetInt32(1), reader.GetString(2));
    }

    private sealed record StateRow(int Hash, long N0, long N1, int TypeHash, string Extension, byte[] Payload);

    /// <summary>JSON cut where something differs from row to row.</summary>
    private sealed class Template
    {
        private readonly string[] parts;
        private readonly int[] places;

        public Template(string model, params string[] fields)
        {
            var state = JsonNode.Parse(model)!.AsObject();
            for (var i = 0; i < fields.Length; i++)
                state[fields[i]] = $"{{{i}}}";
            var all = state.ToJsonString().Split("\"{").SelectMany((part, i) => i == 0 ? [part] : part.Split("}\"", 2)).ToArray();
            (parts, places) = ([.. all.Where((_, i) => i % 2 == 0)], [.. all.Where((_, i) => i % 2 == 1).Select(int.Parse)]);
        }

        public byte[] With(params ReadOnlySpan<string> values)
        {
            var json = new StringBuilder(parts[0]);
            for (var i = 0; i < places.Length; i++)
                json.Append('"').Append(values[places[i]]).Append('"').Append(parts[i + 1]);
            return Encoding.UTF8.GetBytes(json.ToString());
        }
    }
}
