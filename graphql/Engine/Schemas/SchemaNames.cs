using System.Reflection;

namespace DeployCard.GraphQL.Engine.Schemas;

/// <summary>How things are called in the schema. (The library turns the first letter of a field small by itself.)</summary>
internal static class SchemaNames
{
    private const string Async = nameof(Async);

    public static string Of(Type type, string usual) => Given(type) ?? (IsInterface(type) ? type.Name[1..] : usual);

    public static string Of(ParameterInfo parameter, string usual) => Given(parameter) ?? usual;

    public static string Of(MemberInfo member, string usual) => Given(member) ?? (Is(member, usual) ? usual[..^Async.Length] : usual);

    private static string? Given(ICustomAttributeProvider annotated) =>
        annotated.GetCustomAttributes(typeof(GraphQLNameAttribute), inherit: false).Cast<GraphQLNameAttribute>().FirstOrDefault()?.Name;

    private static bool IsInterface(Type type) => type is { IsInterface: true, IsGenericType: false, Name: ['I', >= 'A' and <= 'Z', ..] };

    // The library drops it for Task only, and not for ValueTask.
    private static bool Is(MemberInfo member, string name) =>
        member is MethodInfo && name == member.Name && name.EndsWith(Async, StringComparison.Ordinal);
}
