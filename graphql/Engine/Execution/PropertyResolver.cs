using System.Linq.Expressions;
using System.Reflection;
using GraphQL;
using GraphQL.Resolvers;

namespace DeployCard.GraphQL.Engine.Execution;

/// <summary>
/// Resolves a field by reading a property. The execution strategy calls <see cref="Read"/> directly, without a context or a task.
/// </summary>
internal sealed class PropertyResolver(PropertyInfo property) : IFieldResolver
{
    public Func<object, object?> Read { get; } = Compile(property);

    public ValueTask<object?> ResolveAsync(IResolveFieldContext context) => new(Read(context.Source!));

    /// <summary>Whether values of a type are texts in the schema: a value type of the product that can be parsed from its text.</summary>
    public static bool IsText(Type type) =>
        type is { IsValueType: true, IsEnum: false, Namespace: { } name }
        && name.StartsWith("DeployCard.", StringComparison.Ordinal)
        && type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IParsable<>));

    private static Func<object, object?> Compile(PropertyInfo property)
    {
        var source = Expression.Parameter(typeof(object));
        Expression read = Expression.Property(Expression.Convert(source, property.DeclaringType!), property);
        if (IsText(property.PropertyType))
            read = Expression.Call(read, nameof(ToString), null);
        return Expression.Lambda<Func<object, object?>>(Expression.Convert(read, typeof(object)), source).Compile();
    }
}
