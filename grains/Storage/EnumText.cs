using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace DeployCard.Grains.Storage;

/// <summary>
/// Converts enum values to and from their stored text: <c>HealthTimeout</c> is <c>HEALTH_TIMEOUT</c>, as in <see
/// cref="JsonStateSerializer"/>.
/// </summary>
internal static class EnumText<T>
    where T : struct, Enum
{
    private static readonly Dictionary<T, string> Texts = Enum.GetValues<T>().ToDictionary(value => value, Convert);
    private static readonly Dictionary<string, T> Values = Texts.ToDictionary(pair => pair.Value, pair => pair.Key);

    public static string ToText(T value) => Texts[value];

    public static T Parse(string text) => Values[text];

    private static string Convert(T value) =>
        typeof(T).GetField(value.ToString())?.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name
        ?? JsonNamingPolicy.SnakeCaseUpper.ConvertName(value.ToString());
}
