using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;

namespace DeployCard.Bench.Async.Targets;

/// <summary>Past calls for a list: copies of a real one, spread evenly over some days. One in ten ended in an error.</summary>
internal sealed class History
{
    private static readonly TimeSpan Span = TimeSpan.FromDays(2.5);
    private static readonly string[] Codes =
    [
        "POD_FAILED",
        "POD_FAILED",
        "POD_FAILED",
        "POD_FAILED",
        "POD_ERROR",
        "POD_ERROR",
        "REQUEST_TIMEOUT",
        "HEALTH_TIMEOUT",
        "EXPIRED",
        "CANCELED",
    ];

    private readonly DateTimeOffset now;
    private readonly int count;
    private readonly string[] completed;
    private readonly string[] failed;

    /// <param name="connection">Where one call is, which is taken as the model.</param>
    /// <param name="now">The last one ended about now.</param>
    /// <param name="count">How many there will be.</param>
    public History(SqliteConnection connection, DateTimeOffset now, int count)
    {
        (this.now, this.count) = (now, count);
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT CAST(PayloadBinary AS TEXT) FROM OrleansStorage WHERE GrainTypeString = 'asyncCall' LIMIT 1";
        var model = (string)command.ExecuteScalar()!;
        completed = Parts(model, _ => { });
        failed = Parts(
            model,
            call =>
            {
                call["status"] = "ERROR";
                call["errorCode"] = "{errorCode}";
                call["errorMessage"] = "Attempt 5 failed: the connection broke.";
                call.Remove("result");
            }
        );
    }

    /// <summary>When a call was accepted, by its place from the oldest one.</summary>
    public static DateTimeOffset AcceptedAt(DateTimeOffset now, int count, int place) => now - Span + (Span * ((double)place / count));

    public static SqliteCommand Insert(SqliteTransaction transaction)
    {
        var insert = transaction.Connection!.CreateCommand();
        insert.Transaction = transaction;
        insert.CommandText = """
            INSERT INTO OrleansStorage (
              GrainIdHash, GrainIdN0, GrainIdN1, GrainTypeHash, GrainTypeString, GrainIdExtensionString, ServiceId, PayloadBinary, ModifiedOn, Version)
            SELECT @hash, @n0, @n1, @hash, GrainTypeString, GrainIdExtensionString, ServiceId, @payload, ModifiedOn, Version
            FROM OrleansStorage WHERE GrainTypeString = 'asyncCall' AND rowid = @model
            """;
        insert.Parameters.Add("@hash", SqliteType.Integer);
        insert.Parameters.Add("@n0", SqliteType.Integer);
        insert.Parameters.Add("@n1", SqliteType.Integer);
        insert.Parameters.Add("@payload", SqliteType.Blob);
        insert.Parameters.AddWithValue("@model", Model(transaction));
        return insert;
    }

    public void Set(SqliteCommand insert, int place)
    {
        var at = AcceptedAt(now, count, place);
        var id = Guid.CreateVersion7(at);
        Span<byte> key = stackalloc byte[16];
        id.TryWriteBytes(key);
        // Where the silo looks for it.
        insert.Parameters["@hash"].Value = (int)
            uint.Parse(id.ToString("N").AsSpan(2, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        insert.Parameters["@n0"].Value = BitConverter.ToInt64(key);
        insert.Parameters["@n1"].Value = BitConverter.ToInt64(key[8..]);
        insert.Parameters["@payload"].Value = Payload(
            place % 10 == 7 ? failed : completed,
            id.ToString("N"),
            at,
            Codes[place / 10 % Codes.Length]
        );
    }

    private static long Model(SqliteTransaction transaction)
    {
        using var command = transaction.Connection!.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "SELECT rowid FROM OrleansStorage WHERE GrainTypeString = 'asyncCall' LIMIT 1";
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>The JSON cut where something differs from call to call: text, name, text, name …</summary>
    private static string[] Parts(string model, Action<JsonObject> change)
    {
        var call = JsonNode.Parse(model)!.AsObject();
        foreach (var name in new[] { "id", "createdAt", "endedAt", "dueAt", "removedAt" })
            call[name] = $"{{{name}}}";
        change(call);
        return call.ToJsonString().Split("\"{").SelectMany((part, i) => i == 0 ? [part] : part.Split("}\"", 2)).ToArray();
    }

    private static byte[] Payload(string[] parts, string id, DateTimeOffset at, string code)
    {
        var json = new StringBuilder(parts[0]);
        for (var i = 1; i < parts.Length; i += 2)
        {
            var value = parts[i] switch
            {
                "id" => id,
                "createdAt" => CallDatabase.Text(at),
                "endedAt" => CallDatabase.Text(at + TimeSpan.FromMilliseconds(20)),
                "dueAt" or "removedAt" => CallDatabase.Text(at + TimeSpan.FromDays(30)),
                _ => code,
            };
            json.Append('"').Append(value).Append('"').Append(parts[i + 1]);
        }

        return Encoding.UTF8.GetBytes(json.ToString());
    }
}
