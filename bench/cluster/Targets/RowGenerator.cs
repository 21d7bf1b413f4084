using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using DeployCard.Bench.Common.Reports;
using DeployCard.Storage.Stores;
using Npgsql;
using NpgsqlTypes;

namespace DeployCard.Bench.Cluster.Targets;

/// <summary>
/// Writes many rows of grain state, copies of a row that the silo wrote; the triggers fill the indexes. <see cref="WriteDeployments"/>
/// varies name, UID, title and times, <see cref="WriteCalls"/> varies id and times.
/// </summary>
/// <param name="database">Database of the silos.</param>
/// <param name="now">Time of the newest row, approximately.</param>
internal sealed class RowGenerator(ClusterDatabase database, DateTimeOffset now)
{
    private const string Columns =
        "GrainIdHash, GrainIdN0, GrainIdN1, GrainTypeHash, GrainTypeString, GrainIdExtensionString, ServiceId, "
        + "PayloadBinary, ModifiedOn, Version";

    private const string DeploymentType = "deployment";
    private const int Batch = 50_000;
    private static readonly TimeSpan Span = TimeSpan.FromDays(2.5);
    private static readonly string[] TitleWords =
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

    /// <summary>Returns the name of an inactive deployment by its position.</summary>
    public static string GetName(int position) => $"rest-{position:000000}";

    /// <summary>Returns the creation time of a row by its position; position 0 is the oldest row.</summary>
    public static DateTimeOffset GetCreatedAt(DateTimeOffset now, int count, int position) =>
        now - Span + (Span * ((double)position / count));

    /// <summary>Writes inactive deployments, named by <see cref="GetName"/>.</summary>
    /// <param name="copiedName">Name of the deployment whose row is copied.</param>
    /// <param name="count">Number of deployments to write.</param>
    /// <param name="cancellationToken">Cancels writing the remaining rows.</param>
    public async Task WriteDeployments(string copiedName, int count, CancellationToken cancellationToken)
    {
        var model = await ReadModel($"GrainTypeString = 'deployment' AND GrainIdExtensionString = '{copiedName}'", cancellationToken);
        if ((HashKey(copiedName), HashType(copiedName)) != (model.Hash, model.TypeHash))
            throw new InvalidOperationException(
                $"The stored hash of deployment {copiedName} differs from the computed hash, so the silo would not find the generated rows"
            );
        var template = new Template(model.Json, "name", "uid", "title", "createdAt", "updatedAt");
        await Write(
            "deployments",
            count,
            DeploymentType,
            place =>
            {
                var (name, at) = (GetName(place), Format(GetCreatedAt(now, count, place)));
                return new(
                    HashKey(name),
                    0,
                    0,
                    HashType(name),
                    name,
                    template.With(
                        name,
                        $"{Guid.NewGuid()}",
                        $"Model of {TitleWords[place % TitleWords.Length]} {place * 7919L % count}",
                        at,
                        at
                    )
                );
            },
            cancellationToken
        );
    }

    /// <summary>Writes past calls of one deployment.</summary>
    public async Task WriteCalls(int count, CancellationToken cancellationToken)
    {
        var model = await ReadModel("GrainTypeString = 'asyncCall'", cancellationToken);
        var template = new Template(model.Json, "id", "createdAt", "endedAt", "dueAt", "removedAt");
        await Write(
            "past calls",
            count,
            "asyncCall",
            place =>
            {
                var at = GetCreatedAt(now, count, place);
                var id = Guid.CreateVersion7(at);
                Span<byte> key = stackalloc byte[16];
                id.TryWriteBytes(key);
                var text = id.ToString("N");
                var hash = (int)uint.Parse(text.AsSpan(2, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
                var due = Format(at + TimeSpan.FromDays(30));
                return new(
                    hash,
                    BitConverter.ToInt64(key),
                    BitConverter.ToInt64(key[8..]),
                    hash,
                    "",
                    template.With(text, Format(at), Format(at + TimeSpan.FromMilliseconds(20)), due, due)
                );
            },
            cancellationToken
        );
    }

    /// <summary>Formats a time as the silo stores it.</summary>
    public static string Format(DateTimeOffset at) => at.UtcDateTime.ToString("O");

    /// <summary>Hashes the key of a deployment. Orleans passes the bytes of a text key to the hasher in reverse order.</summary>
    private static int HashKey(string name) => Hash(name, [.. Encoding.UTF8.GetBytes(name).Reverse()]);

    private static int HashType(string name) => Hash(name, Encoding.UTF8.GetBytes(DeploymentType));

    private static int Hash(string name, byte[] data) =>
        Hashers.PickHasher<object>("", "", DeploymentType, GrainId.Create(DeploymentType, name), null!).Hash(data);

    private async Task Write(string label, int count, string type, Func<int, StateRow> row, CancellationToken cancellationToken)
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
                Report.WriteProgress($"  {first + Batch:N0} {label} written");
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

    private async Task<(int Hash, int TypeHash, string Json)> ReadModel(string where, CancellationToken cancellationToken)
    {
        await using var connection = await database.Connect(cancellationToken);
        await using var command = new NpgsqlCommand(
            $"SELECT GrainIdHash, GrainTypeHash, convert_from(PayloadBinary, 'UTF8') FROM OrleansStorage WHERE {where} LIMIT 1",
            connection
        );
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            throw new InvalidOperationException($"There is no row to copy: {where}");
        return (reader.GetInt32(0), reader.GetInt32(1), reader.GetString(2));
    }

    private sealed record StateRow(int Hash, long N0, long N1, int TypeHash, string Extension, byte[] Payload);

    /// <summary>JSON, split at the values that differ between rows.</summary>
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
